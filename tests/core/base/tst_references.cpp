// SPDX-License-Identifier: GPL-3.0-or-later
// What comments and documents refer to is there: sections, links, files. Reads the source tree, builds nothing.
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <QtTest/QTest>

class ReferencesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void every_reference_leads_somewhere();
    void a_dead_reference_is_found_data();
    void a_dead_reference_is_found();
    void a_living_reference_is_left_alone_data();
    void a_living_reference_is_left_alone();
};

namespace
{

using namespace Qt::Literals::StringLiterals;

const QDir Source(QStringLiteral(RESTANTE_SOURCE_DIR));
constexpr auto ThisFile = "tests/core/base/tst_references.cpp"_L1; // has dead references to try this with

/// A text of the project, and where it stands, relative to the project.
struct Text {
    QString file;
    QString text;

    bool isDocument() const { return file.endsWith(".md"_L1); }
    QString folder() const { return QFileInfo(Source.filePath(file)).path(); }
};

QString readAll(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s could not be read", qPrintable(path));
    return QString::fromUtf8(file.readAll());
}

/// Everything that people wrote. Data of tests are others' words, and build folders nobody's.
QList<Text> allTexts()
{
    static const QStringList endings{u"*.cpp"_s, u"*.h"_s,  u"*.md"_s, u"*.py"_s,  u"*.sh"_s,   u"*.sql"_s,
                                     u"*.1"_s,   u"*.in"_s, u"*.ts"_s, u"*.xml"_s, u"*.json"_s, u"CMakeLists.txt"_s,
                                     u"run"_s};
    QStringList folders;
    for (const QString &name : Source.entryList(QDir::Dirs | QDir::NoDotAndDotDot | QDir::Hidden)) {
        const bool isOurs =
            name == ".github"_L1 || name == ".ci"_L1 || !(name.startsWith(u'.') || name.startsWith("build"_L1));
        if (isOurs)
            folders.append(Source.filePath(name));
    }
    QStringList paths;
    for (const QString &name : Source.entryList(endings, QDir::Files))
        paths.append(Source.filePath(name));
    for (const QString &folder : std::as_const(folders)) {
        for (QDirIterator files(folder, endings, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
             files.hasNext();)
            paths.append(files.next());
    }
    QList<Text> texts;
    for (const QString &path : std::as_const(paths)) {
        const QString name = Source.relativeFilePath(path);
        if (!name.startsWith("tests/data/"_L1) && !name.startsWith("tests/fuzz/corpus/"_L1))
            texts.append({name, readAll(path)});
    }
    return texts;
}

/// A comment as one line, so that a reference may be broken at the end of one.
QString unwrapped(QString text)
{
    static const QRegularExpression lineEnd(u"[ \\t]*\\n[ \\t]*(?:///?<?|#(?!#)|--|\\*)?[ \\t]*"_s);
    return text.replace(lineEnd, u" "_s);
}

QStringList findAll(const QString &text, const QRegularExpression &what)
{
    QStringList found;
    for (auto match = what.globalMatch(text); match.hasNext();)
        found.append(match.next().captured(1));
    return found;
}

/// The numbers of a document's sections.
QSet<QString> sectionsOf(const QString &document)
{
    static const QRegularExpression heading(u"^#{2,4} (\\d+(?:\\.\\d+)*)\\.? "_s, QRegularExpression::MultilineOption);
    const QStringList numbers = findAll(readAll(Source.filePath(document)), heading);
    return {numbers.cbegin(), numbers.cend()};
}

/// The anchors of a document's headings, as forges make them.
QSet<QString> anchorsOf(const QString &path)
{
    static const QRegularExpression heading(u"^#{1,6} (.+)$"_s, QRegularExpression::MultilineOption);
    static const QRegularExpression dropped(u"[^\\w\\- ]"_s, QRegularExpression::UseUnicodePropertiesOption);
    QSet<QString> anchors;
    for (const QString &title : findAll(readAll(path), heading)) {
        QString anchor = title.toLower();
        anchors.insert(anchor.remove(dropped).replace(u' ', u'-'));
    }
    return anchors;
}

/// Sections that are cited by number, "PROTOCOL 1.2, 3.4" or "core/README 5".
QStringList deadSections(const Text &text)
{
    static const QString numbers = u" (\\d+(?:\\.\\d+)*(?:, \\d+(?:\\.\\d+)*)*)"_s;
    static const QList<std::pair<QRegularExpression, QSet<QString>>> documents{
        {QRegularExpression(u"\\bPROTOCOL"_s + numbers), sectionsOf(u"core/matrix/PROTOCOL.md"_s)},
        {QRegularExpression(u"\\bcore/README"_s + numbers), sectionsOf(u"core/README.md"_s)},
    };
    QStringList dead;
    for (const auto &[citation, sections] : documents) {
        for (const QString &list : findAll(unwrapped(text.text), citation)) {
            for (const QString &number : list.split(u", "_s)) {
                if (!sections.contains(number))
                    dead.append(u"section "_s + number);
            }
        }
    }
    return dead;
}

/// Documents with a name in capitals of which a section is cited, and which nobody can open here.
QStringList unknownDocuments(const Text &text)
{
    static const QRegularExpression citation(
        u"(?<![\\w-])([A-Z]{2,}(?:_[A-Z]+)*) (?:section )?\\d+\\.\\d+(?![\\w.])"_s);
    static const QRegularExpression name(
        u"\\b(DESIGN|STYLE|UX|LAYOUT|\\w+_FACTS|\\w+_ARCHITECTURE)\\b(?! *[=({\"',.:])"_s);
    static const QSet<QString> known{u"PROTOCOL"_s, u"README"_s, u"HTTP"_s,   u"RFC"_s,
                                     u"TLS"_s,      u"SPDX"_s,   u"VERSION"_s};
    QStringList dead = findAll(unwrapped(text.text), name);
    for (const QString &document : findAll(unwrapped(text.text), citation)) {
        if (!known.contains(document))
            dead.append(document);
    }
    return dead;
}

bool isInside(const QString &path)
{
    const QString canonical = QFileInfo(path).canonicalFilePath();
    return !canonical.isEmpty() && (canonical + u'/').startsWith(Source.canonicalPath() + u'/');
}

/// Files of this project that are named with their path, and documents wherever they are said to be.
QStringList deadPaths(const Text &text)
{
    static const QRegularExpression ours(
        u"(?<![\\w./$}*-])((?:app|core|ui|tests|packaging|resources|translations|\\.github|\\.ci)/[\\w./-]*\\w\\.(?:h|cpp|md|py|sh|sql|txt|png|svg|ts))\\b"_s);
    static const QRegularExpression document(u"(?<![\\w/:.-])((?:\\.{1,2}/)*\\.?\\w[\\w./-]*\\.md)\\b(?!:)"_s);
    static const QRegularExpression served(u"\\bhttps://restante\\.invalid/([\\w./-]+)"_s);
    QStringList dead;
    for (const QString &path : findAll(text.text, ours) + findAll(text.text, served)) {
        if (!isInside(Source.filePath(path)))
            dead.append(path);
    }
    for (const QString &path : findAll(text.text, document)) {
        if (!isInside(Source.filePath(path)) && !isInside(text.folder() + u'/' + path))
            dead.append(path);
    }
    return dead;
}

/// Links and pictures of a document. Addresses elsewhere are not looked at.
QStringList deadLinks(const Text &text)
{
    static const QRegularExpression link(u"(?:\\]\\(|(?:src|href)=\")([^)\"\\s]+)[)\"]"_s);
    QStringList dead;
    if (!text.isDocument())
        return dead;
    for (const QString &target : findAll(text.text, link)) {
        if (target.contains("://"_L1) || target.startsWith("mailto:"_L1))
            continue;
        const QString file = target.section(u'#', 0, 0);
        const QString anchor = target.section(u'#', 1);
        const QString path = file.isEmpty() ? Source.filePath(text.file) : text.folder() + u'/' + file;
        if (!isInside(path) || (!anchor.isEmpty() && !anchorsOf(path).contains(anchor)))
            dead.append(target);
    }
    return dead;
}

/// Tests that a document names, and rows of the table of tests/e2e/strangers.py that the promises on strangers name.
QStringList deadTests(const Text &text)
{
    static const QRegularExpression name(u"`([a-z]+(?:_[a-z0-9]+){3,})`"_s);
    static const QRegularExpression row(u"(\"[^\"]+\")"_s);
    static const QString tests = [] {
        QString all;
        for (const Text &each : allTexts()) {
            if (each.file.startsWith("tests/"_L1) && each.file != ThisFile)
                all += each.text;
        }
        return all;
    }();
    if (!text.isDocument())
        return {};
    const QString strangers = text.text.section(u"### What strangers can do"_s, 1).section(u"\n### "_s, 0, 0);
    QStringList dead;
    for (const QString &test : findAll(text.text, name) + findAll(unwrapped(strangers), row)) {
        if (!tests.contains(test))
            dead.append(test);
    }
    return dead;
}

QStringList deadReferences(const Text &text)
{
    return deadSections(text) + unknownDocuments(text) + deadPaths(text) + deadLinks(text) + deadTests(text);
}

} // namespace

void ReferencesTest::every_reference_leads_somewhere()
{
    const QList<Text> texts = allTexts();
    QVERIFY(texts.size() > 500);
    QStringList dead;
    for (const Text &text : texts) {
        if (text.file == ThisFile)
            continue;
        for (const QString &reference : deadReferences(text))
            dead.append(text.file + u": "_s + reference);
    }
    QVERIFY2(dead.isEmpty(), qPrintable(u'\n' + dead.join(u'\n')));
}

void ReferencesTest::a_dead_reference_is_found_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("reference");
    QTest::newRow("section of the protocol")
        << u"core/x.h"_s << u"/// As it says (PROTOCOL 1.2, 99.1)."_s << u"section 99.1"_s;
    QTest::newRow("section of the architecture") << u"core/x.h"_s << u"// core/README 77"_s << u"section 77"_s;
    QTest::newRow("broken over a line") << u"core/x.h"_s << u"/// (PROTOCOL\n    /// 98.7)"_s << u"section 98.7"_s;
    QTest::newRow("a document that is not here") << u"core/x.cpp"_s << u"// DESIGN 5, promise 4"_s << u"DESIGN"_s;
    QTest::newRow("its section") << u"core/x.cpp"_s << u"// see PLANS 3.4"_s << u"PLANS"_s;
    QTest::newRow("a file of facts") << u"core/x.cpp"_s << u"// measured in HTTP_FACTS"_s << u"HTTP_FACTS"_s;
    QTest::newRow("a source") << u"tests/x.py"_s << u"# as tests/e2e/gone.py does"_s << u"tests/e2e/gone.py"_s;
    QTest::newRow("a document outside") << u"README.md"_s << u"See ../elsewhere/NOTES.md."_s
                                        << u"../elsewhere/NOTES.md"_s;
    QTest::newRow("a link") << u"README.md"_s << u"[there](docs/gone)"_s << u"docs/gone"_s;
    QTest::newRow("a link that leads out") << u"README.md"_s << u"[there](..)"_s << u".."_s;
    QTest::newRow("a picture") << u"README.md"_s << u"<img src=\"gone.png\">"_s << u"gone.png"_s;
    QTest::newRow("a picture in the metainfo")
        << u"packaging/x.xml"_s << u"<image>https://restante.invalid/packaging/gone.png</image>"_s
        << u"packaging/gone.png"_s;
    QTest::newRow("a test") << u"README.md"_s << u"held by `a_promise_that_nobody_tests`"_s
                            << u"a_promise_that_nobody_tests"_s;
    QTest::newRow("an attack") << u"x.md"_s << u"### What strangers can do\nheld by \"an\nattack of nobody\"\n### "_s
                               << u"\"an attack of nobody\""_s;
    QTest::newRow("an anchor") << u"core/README.md"_s << u"[words](#no-such-words)"_s << u"#no-such-words"_s;
}

void ReferencesTest::a_dead_reference_is_found()
{
    QFETCH(QString, file);
    QFETCH(QString, text);
    QFETCH(QString, reference);
    QCOMPARE(deadReferences({file, text}), QStringList{reference});
}

void ReferencesTest::a_living_reference_is_left_alone_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("text");
    QTest::newRow("sections") << u"core/x.h"_s << u"/// (PROTOCOL 1.2, 3.4; core/README 5, promise 4)"_s;
    QTest::newRow("a standard") << u"core/x.h"_s << u"// RFC 9112, 7.1; HTTP 1.1; SPDX 2.3"_s;
    QTest::newRow("a document beside it") << u"core/matrix/x.h"_s << u"// PROTOCOL.md"_s;
    QTest::newRow("a source") << u"README.md"_s << u"`tests/core/base/tst_references.cpp`"_s;
    QTest::newRow("links") << u"core/README.md"_s
                           << u"[it](matrix/PROTOCOL.md) [words](#1-words) [web](https://a.example/b)"_s;
}

void ReferencesTest::a_living_reference_is_left_alone()
{
    QFETCH(QString, file);
    QFETCH(QString, text);
    QCOMPARE(deadReferences({file, text}), QStringList());
}

QTEST_GUILESS_MAIN(ReferencesTest)
#include "tst_references.moc"
