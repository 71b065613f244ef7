// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/translation.h"
#include "ui/widgets/complaintwords.h"
#include "ui/widgets/errorwords.h"
#include "ui/widgets/format.h"

#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QHash>
#include <QtCore/QRegularExpression>
#include <QtCore/QXmlStreamReader>
#include <QtTest/QTest>

using namespace restante;

namespace
{
struct Message {
    QString context;
    QString source;
    QStringList forms;
    bool plural = false;
    bool finished = true;
};

QList<Message> messagesOf(const QString &language)
{
    QFile file(QStringLiteral(RESTANTE_SOURCE_DIR "/translations"
                                                  "/restante_%1.ts")
                   .arg(language));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QXmlStreamReader xml(&file);
    QList<Message> messages;
    QString context;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == u"name")
            context = xml.readElementText();
        else if (xml.name() == u"message")
            messages.append(
                Message{context, {}, {}, xml.attributes().value(QStringLiteral("numerus")) == u"yes", true});
        else if (xml.name() == u"source")
            messages.last().source = xml.readElementText();
        else if (xml.name() == u"numerusform")
            messages.last().forms.append(xml.readElementText());
        else if (xml.name() == u"translation") {
            messages.last().finished = !xml.attributes().hasAttribute(QStringLiteral("type"));
            if (!messages.last().plural)
                messages.last().forms.append(xml.readElementText());
        }
    }
    return messages;
}

QStringList placeholders(const QString &text)
{
    static const QRegularExpression pattern(QStringLiteral("%(L?n|\\d)"));
    QStringList found;
    auto matches = pattern.globalMatch(text);
    while (matches.hasNext())
        found.append(matches.next().captured());
    found.sort();
    return found;
}
} // namespace

class TestTranslations : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void every_text_is_translated_data()
    {
        QTest::addColumn<QString>("language");
        QTest::addColumn<int>("atLeast");
        QTest::newRow("German") << QStringLiteral("de") << 200;
        QTest::newRow("English plurals") << QStringLiteral("en") << 20;
    }

    void every_text_is_translated()
    {
        QFETCH(QString, language);
        QFETCH(int, atLeast);
        const auto messages = messagesOf(language);
        QVERIFY(messages.size() >= atLeast);
        for (const auto &message : messages) {
            const auto text = qPrintable(message.context + QStringLiteral(": ") + message.source);
            QVERIFY2(message.finished, text);
            QCOMPARE(message.forms.size(), message.plural ? 2 : 1);
            for (const auto &form : message.forms) {
                QVERIFY2(!form.isEmpty(), text);
                // A form for exactly one may leave the number out.
                if (!message.plural || &form != &message.forms.first())
                    QVERIFY2(placeholders(form) == placeholders(message.source), text);
                QVERIFY2(form.count(u'&') == message.source.count(u'&'), text);
            }
        }
    }

    void the_english_file_has_every_plural_that_german_has()
    {
        QStringList german;
        QStringList english;
        for (const auto &message : messagesOf(QStringLiteral("de"))) {
            if (message.plural)
                german.append(message.context + message.source);
        }
        for (const auto &message : messagesOf(QStringLiteral("en")))
            english.append(message.context + message.source);
        german.sort();
        english.sort();
        QCOMPARE(english, german);
    }

    void the_sources_hold_no_text_that_is_missing_in_the_file()
    {
        // Every tr("…") with a plain literal must be known; what lupdate finds beyond that is its own affair.
        QStringList known;
        for (const auto &message : messagesOf(QStringLiteral("de")))
            known.append(message.source);
        static const QRegularExpression call(QStringLiteral("\\btr\\(\"((?:[^\"\\\\]|\\\\.)*)\"\\s*[,)]"));
        QDirIterator files(QStringLiteral(RESTANTE_SOURCE_DIR "/ui"), {QStringLiteral("*.cpp"), QStringLiteral("*.h")},
                           QDir::Files, QDirIterator::Subdirectories);
        int seen = 0;
        while (files.hasNext()) {
            QFile file(files.next());
            const QString name = file.fileName();
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QString source = QString::fromUtf8(file.readAll());
            auto matches = call.globalMatch(source);
            while (matches.hasNext()) {
                const QString text = matches.next().captured(1).replace(QStringLiteral("\\n"), QStringLiteral("\n"));
                QVERIFY2(known.contains(text), qPrintable(name + QStringLiteral(": ") + text));
                ++seen;
            }
        }
        QVERIFY(seen > 100);
    }

    void each_complaint_about_a_setting_is_said_with_all_its_arguments()
    {
        using settings::Complaint;
        QHash<QString, QString> german;
        const auto messages = messagesOf(QStringLiteral("de"));
        for (const Message &message : messages) {
            if (message.context == u"ComplaintWords")
                german.insert(message.source, message.forms.value(0));
        }
        for (int i = 0; i <= int(Complaint::LastCode); ++i) {
            const auto code = Complaint::Code(i);
            const QString command = settings::englishPattern(code);
            const QString window = ui::complaintPattern(code);
            QVERIFY2(!command.isEmpty() && !window.isEmpty(), qPrintable(QString::number(i)));
            QCOMPARE(placeholders(window), placeholders(command));
            QVERIFY2(!german.value(window).isEmpty(), qPrintable(window));
            QCOMPARE(placeholders(german.value(window)), placeholders(command));
        }
    }

    void the_program_speaks_the_language_of_the_locale_data()
    {
        QTest::addColumn<QString>("locale");
        QTest::addColumn<QString>("busy");
        QTest::addColumn<QString>("days");
        const QString english = QStringLiteral("The program is busy. Try again in a moment.");
        QTest::newRow("German") << QStringLiteral("de_AT")
                                << QStringLiteral("Das Programm ist beschäftigt. Versuche es gleich noch einmal.")
                                << QStringLiteral("vor 3 Tagen");
        QTest::newRow("English") << QStringLiteral("en_US") << english << QStringLiteral("3 days ago");
        QTest::newRow("a language that is not there")
            << QStringLiteral("fi_FI") << english << QStringLiteral("3 days ago");
        QTest::newRow("C") << QStringLiteral("C") << english << QStringLiteral("3 days ago");
    }

    void the_program_speaks_the_language_of_the_locale()
    {
        QFETCH(QString, locale);
        QFETCH(QString, busy);
        QFETCH(QString, days);
        ui::installTranslations(*QCoreApplication::instance(), QLocale(locale));
        QCOMPARE(ui::sentence({Errc::Busy, {}, 0}), busy);
        const qint64 now = 1'790'000'000'000;
        QCOMPARE(ui::relativeTime(now - qint64(3) * 86'400'000, now), days);
    }
};

QTEST_GUILESS_MAIN(TestTranslations)
#include "tst_translations.moc"
