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
        row("numbers and words stay texts", "a: 8008\nb: no\nc: ~\nd:\n", R"({"a":"8008","b":"no","c":"~","d":""})");
        row("lists of both kinds", "a: [b, c]\nd:\n- e\n- {f: g}\n", R"({"a":["b","c"],"d":["e",{"f":"g"}]})");
        row("the last of two counts", "a: b\na: c\n", R"({"a":"c"})");
        row("aliases", "a: &x {b: c}\nd: *x\n", R"({"a":{"b":"c"},"d":{"b":"c"}})");
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
        QTest::newRow("too deep") << QByteArray(100, '[') << QStringLiteral("(line 1)");
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

    void aliases_of_aliases_take_no_room()
    {
        QByteArray text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (int i = 1; i < 30; ++i) {
            const QByteArray before = "*a" + QByteArray::number(i - 1);
            const QByteArray name = 'a' + QByteArray::number(i);
            text += name + ": &" + name + " [" + QByteArray((before + ", ").repeated(9)) + before + "]\n";
        }
        QVERIFY(homeserver::readYaml(text).ok());
    }
};

QTEST_GUILESS_MAIN(TestYamlTree)
#include "tst_yamltree.moc"
