// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that are not quite JSON, cut by quotes and brackets.
#include "matrix/jsonskim.h"

#include <QtTest/QTest>

using namespace restante::matrix;

class TestJsonSkim : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void members_are_cut_whatever_is_inside_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("cut"); // key=value, separated by |; "-": not possible
        const auto row = [](const char *name, const QByteArray &text, const QByteArray &cut) {
            QTest::newRow(name) << text << cut;
        };
        row("plain", " { \"a\" : 1 , \"b\":[2,{\"c\":3}] } \n", "a=1|b=[2,{\"c\":3}]");
        row("empty", "{}", "");
        row("duplicate keys", "{\"a\":{\"x\":1,\"x\":2},\"a\":3}", "a={\"x\":1,\"x\":2}|a=3");
        row("lone surrogate", "{\"a\":\"\\ud800\"}", "a=\"\\ud800\"");
        row("bad UTF-8", "{\"a\":\"\xff\xfe\"}", "a=\"\xff\xfe\"");
        row("odd words", "{\"a\":01.e,\"b\":NaN}", "a=01.e|b=NaN");
        row("brackets and quotes in strings", "{\"a\":\"}]\\\"{\",\"b\":\"\\\\\"}", "a=\"}]\\\"{\"|b=\"\\\\\"");
        row("a comma inside", "{\"a\":[1,,2],\"b\":1}", "a=[1,,2]|b=1");
        row("no object", "[1]", "-");
        row("nothing", "", "-");
        row("not closed", "{\"a\":[1", "-");
        row("string not closed", "{\"a\":\"x\\\"}", "-");
        row("ends in an escape", "{\"a\":\"x\\", "-");
        row("closed by another bracket", "{\"a\":[1},\"b\":2]}", "-");
        row("no colon", "{\"a\" 1}", "-");
        row("no value", "{\"a\":}", "-");
        row("no key", "{1:2}", "-");
        row("comma at the end", "{\"a\":1,}", "-");
        row("no comma", "{\"a\":1 \"b\":2}", "-");
        row("more behind", "{\"a\":1}x", "-");
    }

    void members_are_cut_whatever_is_inside()
    {
        QFETCH(const QByteArray, text);
        QFETCH(const QByteArray, cut);
        const auto members = skimMembers(text);
        QByteArrayList found;
        for (const JsonMember &member : members.value_or(std::vector<JsonMember>()))
            found.append(member.key + '=' + member.value.text.toByteArray());
        QCOMPARE(members ? found.join('|') : QByteArray("-"), cut);
    }

    void elements_are_cut_up_to_a_limit()
    {
        const auto some = skimElements("[1, \"x\\ud800\" ,{\"a\":1,\"a\":2}, [ ] ]", 3);
        QVERIFY(some);
        QCOMPARE(some->size(), size_t(3));
        QCOMPARE(some->at(1).kind, JsonKind::String);
        QCOMPARE(some->at(2).text.toByteArray(), QByteArray("{\"a\":1,\"a\":2}"));
        QVERIFY(!skimElements("[1,2", 1));
        QVERIFY(!skimElements("{}", 1));
        QCOMPARE(skimElements("[]", 1)->size(), size_t(0));
    }

    void depth_costs_no_stack()
    {
        constexpr int levels = 2'000'000;
        const QByteArray deep = QByteArray("[").repeated(levels) + QByteArray("]").repeated(levels);
        const auto members = skimMembers("{\"a\":" + deep + '}');
        QVERIFY(members);
        QCOMPARE(members->at(0).value.text.size(), deep.size());
        QVERIFY(!skimMembers("{\"a\":" + deep.chopped(1) + '}'));
    }

    /// No end of a text that was cut off is read beyond; the sanitizers watch.
    void every_beginning_of_a_text_is_refused()
    {
        const QByteArray text = "{\"a\":\"x\\\"y\",\"b\":[1,{\"c\":\"d\"}],\"e\":null}";
        QVERIFY(skimMembers(text));
        for (qsizetype size = 0; size < text.size(); ++size) {
            const std::vector<char> exact(text.begin(), text.begin() + size);
            QVERIFY(!skimMembers(QByteArrayView(exact.data(), size)));
        }
    }
};

QTEST_GUILESS_MAIN(TestJsonSkim)
#include "tst_jsonskim.moc"
