// SPDX-License-Identifier: GPL-3.0-or-later
// Holds the rooms to the includes that the design allows them: reads the sources, builds nothing.
#include <QtCore/QDirIterator>
#include <QtCore/QFile>
#include <QtCore/QMap>
#include <QtCore/QRegularExpression>
#include <QtCore/QSet>
#include <QtTest/QTest>

class IncludesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_rules_name_every_room_of_the_core();
    void the_architecture_names_every_room_of_the_core();
    void a_room_of_the_core_includes_what_it_may_data();
    void a_room_of_the_core_includes_what_it_may();
    void the_core_includes_no_window();
    void only_card_control_app_and_ui_include_settings();
    void the_window_knows_no_sql_and_no_sockets();
    void a_room_of_the_window_includes_only_what_lies_below_it();
    void the_reader_of_includes_reads_them();
};

namespace
{

const QString Source = QStringLiteral(RESTANTE_SOURCE_DIR);

/// Which other rooms of the core a room may include. telemetry may be included by all and is added below.
QMap<QString, QSet<QString>> allowedRooms()
{
    const QSet<QString> throughIdentity{QStringLiteral("base"), QStringLiteral("matrix"), QStringLiteral("identity")};
    const QSet<QString> throughRelay =
        throughIdentity | QSet<QString>{QStringLiteral("queue"), QStringLiteral("relay")};
    const QSet<QString> throughNode =
        throughRelay | QSet<QString>{QStringLiteral("federation"), QStringLiteral("node")};
    return {
        {QStringLiteral("base"), {}},
        {QStringLiteral("telemetry"), {QStringLiteral("base")}},
        {QStringLiteral("matrix"), {QStringLiteral("base")}},
        {QStringLiteral("identity"), {QStringLiteral("base"), QStringLiteral("matrix")}},
        {QStringLiteral("queue"), throughIdentity},
        {QStringLiteral("relay"), throughIdentity | QSet<QString>{QStringLiteral("queue")}},
        {QStringLiteral("federation"), throughIdentity},
        {QStringLiteral("homeserver"), throughIdentity | QSet<QString>{QStringLiteral("federation")}},
        {QStringLiteral("node"), throughRelay | QSet<QString>{QStringLiteral("federation")}},
        {QStringLiteral("courier"), throughNode},
        {QStringLiteral("nearby"), {}},
        {QStringLiteral("http"), {QStringLiteral("base")}},
        {QStringLiteral("sites"), throughNode | QSet<QString>{QStringLiteral("http")}},
        {QStringLiteral("backup"), throughIdentity | QSet<QString>{QStringLiteral("queue")}},
        {QStringLiteral("settings"), {QStringLiteral("base"), QStringLiteral("matrix")}},
        {QStringLiteral("card"),
         throughIdentity | QSet<QString>{QStringLiteral("federation"), QStringLiteral("settings")}},
        {QStringLiteral("control"),
         throughNode | QSet<QString>{QStringLiteral("homeserver"), QStringLiteral("settings"), QStringLiteral("card")}},
    };
}

/// The floors of the window, the lowest first. Rooms on one floor know nothing of each other.
QList<QStringList> floorsOfWindow()
{
    return {{QStringLiteral("widgets")},
            {QStringLiteral("cards"), QStringLiteral("relays"), QStringLiteral("entries")},
            {QStringLiteral("queues"), QStringLiteral("node"), QStringLiteral("overview")},
            {QStringLiteral("settings")},
            {QStringLiteral("wizard")},
            {QStringLiteral("shell")}};
}

/// What a text includes, between the quotes or angle brackets.
QStringList includesOf(const QString &text)
{
    static const QRegularExpression line(QStringLiteral("^[ \\t]*#[ \\t]*include[ \\t]*[<\"]([^>\"\\n]+)[>\"]"),
                                         QRegularExpression::MultilineOption);
    QStringList includes;
    for (auto match = line.globalMatch(text); match.hasNext();)
        includes.append(match.next().captured(1));
    return includes;
}

struct Include {
    QString file; ///< relative to the project
    QString name;

    QString room() const { return name.contains(QLatin1Char('/')) ? name.section(QLatin1Char('/'), 0, 0) : QString(); }
    QByteArray words() const { return (file + QStringLiteral(" includes ") + name).toUtf8(); }
};

QList<Include> includesUnder(const QString &folder)
{
    QList<Include> all;
    QDirIterator files(Source + QLatin1Char('/') + folder, {QStringLiteral("*.h"), QStringLiteral("*.cpp")},
                       QDir::Files, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        QFile file(files.next());
        if (!file.open(QIODevice::ReadOnly))
            qFatal("%s could not be read", qPrintable(file.fileName()));
        const QString name = file.fileName().mid(Source.size() + 1);
        for (const QString &include : includesOf(QString::fromUtf8(file.readAll())))
            all.append({name, include});
    }
    return all;
}

QStringList roomsOfCore()
{
    return QDir(Source + QStringLiteral("/core")).entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name);
}

} // namespace

void IncludesTest::the_rules_name_every_room_of_the_core()
{
    const auto rules = allowedRooms();
    for (const QString &room : roomsOfCore())
        QVERIFY2(rules.contains(room), qPrintable(room));
    QVERIFY(includesUnder(QStringLiteral("core")).size() > 50);
}

void IncludesTest::the_architecture_names_every_room_of_the_core()
{
    QFile file(Source + QStringLiteral("/core/README.md"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QString text = QString::fromUtf8(file.readAll());
    for (const QString &room : roomsOfCore())
        QVERIFY2(text.contains(QStringLiteral("\n| `%1` |").arg(room)), qPrintable(room));
}

void IncludesTest::a_room_of_the_core_includes_what_it_may_data()
{
    QTest::addColumn<QString>("room");
    for (const QString &room : roomsOfCore())
        QTest::newRow(qPrintable(room)) << room;
}

void IncludesTest::a_room_of_the_core_includes_what_it_may()
{
    QFETCH(QString, room);
    const auto rules = allowedRooms();
    QSet<QString> allowed = rules.value(room);
    allowed |= {room, QStringLiteral("telemetry")};
    for (const Include &include : includesUnder(QStringLiteral("core/") + room)) {
        if (rules.contains(include.room()))
            QVERIFY2(allowed.contains(include.room()), include.words().constData());
        // A header of another room named without its room would get past the rule above.
        QVERIFY2(!include.name.startsWith(QStringLiteral("..")), include.words().constData());
    }
}

void IncludesTest::the_core_includes_no_window()
{
    static const QRegularExpression window(QStringLiteral("^(Qt6?/)?Qt(Gui|Widgets|Svg|PrintSupport|Charts)(/|\\z)"));
    for (const Include &include : includesUnder(QStringLiteral("core"))) {
        QVERIFY2(include.room() != QLatin1String("ui") && include.room() != QLatin1String("app"),
                 include.words().constData());
        QVERIFY2(!window.match(include.name).hasMatch(), include.words().constData());
    }
}

void IncludesTest::only_card_control_app_and_ui_include_settings()
{
    for (const Include &include : includesUnder(QStringLiteral("core"))) {
        if (include.room() != QLatin1String("settings"))
            continue;
        QVERIFY2(include.file.startsWith(QStringLiteral("core/control/")) ||
                     include.file.startsWith(QStringLiteral("core/card/")) ||
                     include.file.startsWith(QStringLiteral("core/settings/")),
                 include.words().constData());
    }
}

void IncludesTest::the_window_knows_no_sql_and_no_sockets()
{
    static const QRegularExpression forbidden(
        QStringLiteral("^Qt(Sql|HttpServer)(/|\\z)|^QtNetwork/Q(Tcp|Ssl|Udp|Abstract)"));
    for (const Include &include : includesUnder(QStringLiteral("ui")))
        QVERIFY2(!forbidden.match(include.name).hasMatch(), include.words().constData());
}

void IncludesTest::a_room_of_the_window_includes_only_what_lies_below_it()
{
    QMap<QString, qsizetype> floorOf;
    const auto floors = floorsOfWindow();
    for (qsizetype floor = 0; floor < floors.size(); ++floor) {
        for (const QString &room : floors[floor])
            floorOf[room] = floor;
    }
    const QDir window(Source + QStringLiteral("/ui"));
    QCOMPARE(window.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name), QStringList(floorOf.keys()));
    qsizetype ways = 0;
    for (const Include &include : includesUnder(QStringLiteral("ui"))) {
        if (include.room() != QLatin1String("ui"))
            continue;
        const QString from = include.file.section(QLatin1Char('/'), 1, 1);
        const QString to = include.name.section(QLatin1Char('/'), 1, 1);
        if (from == to)
            continue;
        QVERIFY2(floorOf.contains(to) && floorOf.value(to) < floorOf.value(from), include.words().constData());
        ++ways;
    }
    QVERIFY(ways > 0);
}

void IncludesTest::the_reader_of_includes_reads_them()
{
    const QStringList found = includesOf(QStringLiteral(
        "#include \"a/b.h\"\n  # include <QtGui/QImage> // why\n// #include \"not/this.h\"\nint include;\n"));
    QCOMPARE(found, (QStringList{QStringLiteral("a/b.h"), QStringLiteral("QtGui/QImage")}));
}

QTEST_GUILESS_MAIN(IncludesTest)
#include "tst_includes.moc"
