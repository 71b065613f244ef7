// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/yamltree.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtTest/QTest>

using namespace restante;

class TestYamlTree : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void what_people_write_is_read_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const char *name, const QByteArray &text, const QByteArray &json) {
            QTest::newRow(name) << text << json;
        };
        row("nothing", "", "{}");
        row("only comments", "# a: b\n\n", "{}");
        row("map", "a: b\nc: 'd'\ne: \"f\\n\"\n", R"({"a":"b","c":"d","e":"f\n"})");
        row("numbers and words stay texts", "a: 8008\nb: no\n", R"({"a":"8008","b":"no"})");
        row("no value is null", "a:\nb: ~\nc: null\nd: ''\ne: 'null'\nf: !!str ~\n",
            R"({"a":null,"b":null,"c":null,"d":"","e":"null","f":"~"})");
        row("lists of both kinds", "a: [b, c]\nd:\n- e\n- {f: g}\n", R"({"a":["b","c"],"d":["e",{"f":"g"}]})");
        row("the last of two counts", "a: b\na: c\n", R"({"a":"c"})");
        row("aliases", "a: &x {b: c}\nd: *x\n", R"({"a":{"b":"c"},"d":{"b":"c"}})");
        row("an alias as a name", "a: &x b\n*x : c\n", R"({"a":"b","b":"c"})");
        row("an anchor that is given again", "a: &x b\nc: &x d\ne: *x\n", R"({"a":"b","c":"d","e":"d"})");
        row("what is merged", "a: &x {b: c, d: e}\nf: {d: g, <<: *x}\n",
            R"({"a":{"b":"c","d":"e"},"f":{"b":"c","d":"g"}})");
        row("several that are merged", "a: {<<: [{b: c}, {b: d, e: f}]}\n", R"({"a":{"b":"c","e":"f"}})");
        row("a name that only looks like that", "a: {'<<': b}\n", R"({"a":{"<<":"b"}})");
        row("tags", "a: !!str 8008\nb: !x {c: d}\n", R"({"a":"8008","b":{"c":"d"}})");
        row("with a mark of its encoding",
            "\xef\xbb\xbf"
            "a: b\n",
            R"({"a":"b"})");
        row("lines of text", "a: |\n  b: c\n  d\n", R"({"a":"b: c\nd\n"})");
        row("the first document counts", "---\na: b\n---\nc: d\n", R"({"a":"b"})");
    }
    void what_people_write_is_read()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, json);
        const auto value = homeserver::readYaml(text);
        QVERIFY2(value.ok(), value ? "" : qPrintable(value.error().detail));
        QCOMPARE(QJsonDocument(value->toObject()).toJson(QJsonDocument::Compact),
                 QJsonDocument::fromJson(json).toJson(QJsonDocument::Compact));
    }

    void what_is_not_yaml_is_refused_with_the_line_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("line");
        QTest::newRow("open list") << QByteArray("a: b\nc: [d\n") << QStringLiteral("(line 3)");
        QTest::newRow("tab") << QByteArray("a:\n\tb: c\n") << QStringLiteral("(line 2)");
        QTest::newRow("a list as a name") << QByteArray("[a]: b\n") << QStringLiteral("(line 1)");
        QTest::newRow("binary") << QByteArray("\x01\x02", 2) << QStringLiteral("(line 1)");
        QTest::newRow("binary behind text") << QByteArray("a: b\nc: d\n\x01\n") << QStringLiteral("(line 3)");
        QTest::newRow("not UTF-8") << QByteArray("a: b\nc: \xff\n") << QStringLiteral("(line 2)");
        QTest::newRow("too deep") << QByteArray(100, '[') << QStringLiteral("(line 1)");
        QTest::newRow("an alias of nothing") << QByteArray("a: b\nc: *d\n") << QStringLiteral("(line 2)");
        QTest::newRow("an alias of itself") << QByteArray("a: &a [*a]\n") << QStringLiteral("(line 1)");
        QTest::newRow("merging a text") << QByteArray("a: b\n<<: c\n") << QStringLiteral("(line 2)");
    }
    void what_is_not_yaml_is_refused_with_the_line()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, line);
        const auto value = homeserver::readYaml(text);
        QVERIFY(!value);
        QVERIFY(value.error().code == Errc::Corrupt);
        QVERIFY2(value.error().detail.contains(line), qPrintable(value.error().detail));
    }

    void aliases_of_aliases_are_no_way_around_the_limits_data()
    {
        QTest::addColumn<QByteArray>("text");
        QByteArray wide = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        QByteArray deep = "l:\n- &a0 []\n";
        for (int i = 1; i < 30; ++i) {
            const QByteArray before = "*a" + QByteArray::number(i - 1);
            const QByteArray name = 'a' + QByteArray::number(i);
            wide += name + ": &" + name + " [" + QByteArray((before + ", ").repeated(9)) + before + "]\n";
        }
        for (int i = 1; i < 50'000; ++i)
            deep += "- &a" + QByteArray::number(i) + " [*a" + QByteArray::number(i - 1) + "]\n";
        QTest::newRow("wide") << wide;
        QTest::newRow("deep") << deep;
        QTest::newRow("merged") << QByteArray(wide).replace("[x, x", "[{y: z}, x") + "m: {<<: *a29}\n";
    }
    void aliases_of_aliases_are_no_way_around_the_limits()
    {
        QFETCH(QByteArray, text);
        const auto value = homeserver::readYaml(text);
        QVERIFY(!value);
        QVERIFY2(value.error().detail.contains(u"too"), qPrintable(value.error().detail));
    }

    void many_names_are_refused_soon()
    {
        QByteArray text;
        for (int i = 0; i < 90'000; ++i)
            text += QByteArray::number(99'999 - i) + ":\n";
        QVERIFY(text.size() < homeserver::MostYamlBytes);
        const auto value = homeserver::readYaml(text);
        QVERIFY(!value);
        QCOMPARE(value.error().detail, QStringLiteral("it has too many values (line 10000)"));
    }
};

QTEST_GUILESS_MAIN(TestYamlTree)
#include "tst_yamltree.moc"
