// SPDX-License-Identifier: GPL-3.0-or-later
#include "jsongenerator.h"
#include "matrix/jsonpass.h"
#include "matrix/jsonscan.h"
#include "vectors.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::matrix;

Q_DECLARE_METATYPE(restante::Errc)

class JsonScanTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void members_are_sliced_as_they_came();
    void a_root_that_is_no_object_is_bad_json_data();
    void a_root_that_is_no_object_is_bad_json();
    void canonical_form_is_noticed_data();
    void canonical_form_is_noticed();
    void a_number_with_point_or_exponent_is_noticed_data();
    void a_number_with_point_or_exponent_is_noticed();
    void integers_are_read_exactly_data();
    void integers_are_read_exactly();
    void text_is_read_with_its_escapes_undone();
    void arrays_and_objects_are_sliced_on_demand();
    void a_copy_keeps_its_slices();
    void repeated_keys_are_found_wherever_they_are_data();
    void repeated_keys_are_found_wherever_they_are();
    void every_vector_is_judged_as_when_canonicalised();
    void every_capture_is_canonical();
    void random_values_are_canonicalised();
    void whether_a_value_inside_is_canonical_is_known();
    void behind_too_much_that_is_not_canonical_nothing_counts_as_canonical();
    void random_damage_is_judged_alike_by_scan_and_canonicalise();
    void indented_form_keeps_every_spelling();
    void indented_form_of_deep_text_stays_small();
    void indented_form_of_faulty_text_is_that_text();
};

void JsonScanTest::members_are_sliced_as_they_came()
{
    const auto object = ScannedObject::scan(
        " { \"a\" : 1.50 , \"b\\n\":[ 1, 2 ],\"c\":\"x,\\\"}\" , \"d\":{\"e\" : null } ,\"\":true} \n");
    QVERIFY(object.ok());
    const auto &members = object->members();
    QCOMPARE(members.size(), size_t(5));
    const std::initializer_list<std::tuple<QByteArray, JsonKind, QByteArray>> expected{
        {"a", JsonKind::Number, "1.50"},        {"b\n", JsonKind::Array, "[ 1, 2 ]"},
        {"c", JsonKind::String, "\"x,\\\"}\""}, {"d", JsonKind::Object, "{\"e\" : null }"},
        {"", JsonKind::True, "true"},
    };
    auto member = members.begin();
    for (const auto &[key, kind, text] : expected) {
        QCOMPARE(member->key, key);
        QCOMPARE(member->value.kind, kind);
        QCOMPARE(member->value.text.toByteArray(), text);
        ++member;
    }
    QVERIFY(object->find("b\n"));
    QCOMPARE(object->find("b\n")->kind, JsonKind::Array);
    QVERIFY(!object->find("e"));
    QVERIFY(!object->isCanonical());
}

void JsonScanTest::a_root_that_is_no_object_is_bad_json_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Errc>("code");
    QTest::newRow("array") << QByteArray("[]") << Errc::BadJson;
    QTest::newRow("null") << QByteArray("null") << Errc::BadJson;
    QTest::newRow("text") << QByteArray(" \"{}\" ") << Errc::BadJson;
    QTest::newRow("number") << QByteArray("1") << Errc::BadJson;
    QTest::newRow("broken array") << QByteArray("[1,]") << Errc::NotJson;
    QTest::newRow("array and more") << QByteArray("[]{}") << Errc::NotJson;
    QTest::newRow("no value") << QByteArray("nul") << Errc::NotJson;
    QTest::newRow("object and more") << QByteArray("{}\0", 3) << Errc::NotJson;
    QTest::newRow("nothing") << QByteArray() << Errc::NotJson;
}

void JsonScanTest::a_root_that_is_no_object_is_bad_json()
{
    QFETCH(QByteArray, text);
    QFETCH(Errc, code);
    const auto object = ScannedObject::scan(text);
    QVERIFY(!object.ok());
    QCOMPARE(object.error().code, code);
}

void JsonScanTest::canonical_form_is_noticed_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("canonical");
    const auto row = [](const QByteArray &text, bool canonical) {
        QTest::newRow(text.constData()) << text << canonical;
    };
    row("{}", true);
    row("{\"a\":[1,1.50,\"\\n\\u001f\\\"\",{}],\"b\":{\"a\":1,\"ab\":2}}", true);
    row("{\"a\\nb\":1,\"a\\\\\":2,\"ab\":3}", true);
    row("{} ", false);
    row(" {}", false);
    row("{\"a\": 1}", false);
    row("{\"a\" :1}", false);
    row("{\"a\":[1 ]}", false);
    row("{\"b\":1,\"a\":2}", false);
    row("{\"x\":{\"b\":1,\"a\":2}}", false);
    row("{\"a\":-0}", false);
    row("{\"a\":-0.0}", true);
    row("{\"a\":\"\\/\"}", false);
    row("{\"a\":\"\\u0041\"}", false);
    row("{\"a\":\"\\u001F\"}", false);
    row("{\"a\":\"\\u000a\"}", false);
    row("{\"a\":\"\\u007f\"}", false);
    row("{\"a\":\"\\ud83d\\ude00\"}", false);
    row("{\"\\u0041\":1}", false);
}

void JsonScanTest::canonical_form_is_noticed()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, canonical);
    const auto object = ScannedObject::scan(text);
    QVERIFY(object.ok());
    QCOMPARE(object->isCanonical(), canonical);
}

void JsonScanTest::a_number_with_point_or_exponent_is_noticed_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("floats");
    QTest::newRow("integer") << QByteArray("{\"a\":[12,-3]}") << false;
    QTest::newRow("text") << QByteArray("{\"a\":\"1.5e3\"}") << false;
    QTest::newRow("point") << QByteArray("{\"a\":[{\"b\":1.0}]}") << true;
    QTest::newRow("exponent") << QByteArray("{\"a\":1e3}") << true;
    QTest::newRow("capital exponent") << QByteArray("{\"a\":1E3}") << true;
}

void JsonScanTest::a_number_with_point_or_exponent_is_noticed()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, floats);
    const auto object = ScannedObject::scan(text);
    QVERIFY(object.ok());
    QCOMPARE(object->hasFloats(), floats);
}

void JsonScanTest::integers_are_read_exactly_data()
{
    QTest::addColumn<QByteArray>("number");
    QTest::addColumn<bool>("fits");
    QTest::addColumn<qint64>("value");
    QTest::newRow("zero") << QByteArray("0") << true << qint64(0);
    QTest::newRow("minus zero") << QByteArray("-0") << true << qint64(0);
    QTest::newRow("negative") << QByteArray("-17") << true << qint64(-17);
    QTest::newRow("largest") << QByteArray("9223372036854775807") << true << std::numeric_limits<qint64>::max();
    QTest::newRow("smallest") << QByteArray("-9223372036854775808") << true << std::numeric_limits<qint64>::min();
    QTest::newRow("too large") << QByteArray("9223372036854775808") << false << qint64(0);
    QTest::newRow("1.0") << QByteArray("1.0") << false << qint64(0);
    QTest::newRow("1e2") << QByteArray("1e2") << false << qint64(0);
    QTest::newRow("text") << QByteArray("\"1\"") << false << qint64(0);
    QTest::newRow("true") << QByteArray("true") << false << qint64(0);
}

void JsonScanTest::integers_are_read_exactly()
{
    QFETCH(QByteArray, number);
    QFETCH(bool, fits);
    QFETCH(qint64, value);
    const auto object = ScannedObject::scan("{\"n\":" + number + "}");
    QVERIFY(object.ok());
    const auto read = object->find("n")->toInteger();
    QCOMPARE(read.has_value(), fits);
    QCOMPARE(read.value_or(0), value);
}

void JsonScanTest::text_is_read_with_its_escapes_undone()
{
    const auto object = ScannedObject::scan(
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00E9\\u65e5\\uD83D\\uDE00 \xc3\xa9\",\"b\":1,\"c\":\"\"}");
    QVERIFY(object.ok());
    QCOMPARE(object->find("a")->toText().value_or(QByteArray()),
             QByteArray("\"\\/\b\f\n\r\t\0\xc3\xa9\xe6\x97\xa5\xf0\x9f\x98\x80 \xc3\xa9", 21));
    QVERIFY(!object->find("b")->toText());
    QCOMPARE(object->find("c")->toText().value_or("?"), QByteArray(""));
}

void JsonScanTest::arrays_and_objects_are_sliced_on_demand()
{
    const auto object = ScannedObject::scan("{\"list\":[ {\"x\":\"]\\\"\"} ,\"a,b\", [[],{}] ,-1.5e3,null],\"none\":[ "
                                            "],\"map\":{ \"k\\u0031\" : [1] , \"z\":\"\"}}");
    QVERIFY(object.ok());
    const JsonSlice *list = object->find("list");
    QCOMPARE(countElements(*list), 5);
    const auto all = elementsOf(*list, 100);
    QCOMPARE(all.size(), size_t(5));
    QCOMPARE(all[0].text.toByteArray(), QByteArray("{\"x\":\"]\\\"\"}"));
    QCOMPARE(all[1].text.toByteArray(), QByteArray("\"a,b\""));
    QCOMPARE(all[2].text.toByteArray(), QByteArray("[[],{}]"));
    QCOMPARE(all[3].text.toByteArray(), QByteArray("-1.5e3"));
    QCOMPARE(all[4].kind, JsonKind::Null);
    QCOMPARE(elementsOf(*list, 2).size(), size_t(2));
    QCOMPARE(elementsOf(*list, 0).size(), size_t(0));
    QCOMPARE(countElements(*object->find("none")), 0);
    QVERIFY(elementsOf(*object->find("none"), 10).empty());

    const auto map = membersOf(*object->find("map"));
    QCOMPARE(map.size(), size_t(2));
    QCOMPARE(map[0].key, QByteArray("k1"));
    QCOMPARE(map[0].value.text.toByteArray(), QByteArray("[1]"));
    QCOMPARE(map[1].key, QByteArray("z"));
    QVERIFY(membersOf(*list).empty());
    QVERIFY(elementsOf(*object->find("map"), 10).empty());
    QCOMPARE(countElements(*object->find("map")), 0);
}

void JsonScanTest::a_copy_keeps_its_slices()
{
    ScannedObject kept;
    {
        auto object = ScannedObject::scan(QByteArray("{\"key\":") + "\"value\"}");
        QVERIFY(object.ok());
        kept = *object;
    }
    QCOMPARE(kept.find("key")->toText().value_or(QByteArray()), QByteArray("value"));
    const ScannedObject moved = std::move(kept);
    QCOMPARE(moved.find("key")->toText().value_or(QByteArray()), QByteArray("value"));
}

void JsonScanTest::repeated_keys_are_found_wherever_they_are_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<bool>("repeated");
    QTest::newRow("neighbours") << QByteArray("{\"a\":1,\"a\":1}") << true;
    QTest::newRow("apart") << QByteArray("{\"a\":1,\"b\":2,\"c\":3,\"a\":4}") << true;
    QTest::newRow("empty keys") << QByteArray("{\"\":1,\"x\":2,\"\":3}") << true;
    QTest::newRow("escaped") << QByteArray("{\"ab\":1,\"z\":0,\"\\u0061b\":2}") << true;
    QTest::newRow("both escaped") << QByteArray("{\"\\n\":1,\"\\u000A\":2}") << true;
    QTest::newRow("astral") << QByteArray("{\"\\uD83D\\ude00\":1,\"\xF0\x9F\x98\x80\":2}") << true;
    QTest::newRow("deep") << QByteArray("{\"x\":[[{\"y\":{\"k\":1,\"j\":{},\"k\":{}}}]]}") << true;
    QTest::newRow("after a nested object") << QByteArray("{\"k\":{\"a\":1},\"a\":{\"k\":{}},\"k\":2}") << true;
    QTest::newRow("in parent and child") << QByteArray("{\"b\":{\"b\":1,\"a\":2},\"a\":{\"b\":1,\"a\":2}}") << false;
    QTest::newRow("in siblings") << QByteArray("{\"a\":[{\"k\":1},{\"k\":1}]}") << false;
    QTest::newRow("prefix") << QByteArray("{\"ab\":1,\"a\":2,\"abc\":3}") << false;
    QTest::newRow("composed and decomposed") << QByteArray("{\"\xc3\xa9\":1,\"e\xcc\x81\":2}") << false;
    QTest::newRow("NUL inside") << QByteArray("{\"a\\u0000c\":1,\"a\\u0000b\":2,\"a\":3}") << false;
}

void JsonScanTest::repeated_keys_are_found_wherever_they_are()
{
    QFETCH(QByteArray, text);
    QFETCH(bool, repeated);
    QByteArray output;
    QCOMPARE(canonicalise(text, NumberRule::Lenient, &output), repeated ? JsonFault::DuplicateKey : JsonFault::None);
    const auto object = ScannedObject::scan(text);
    QCOMPARE(object.ok(), !repeated);
    if (repeated)
        QCOMPARE(object.error().code, Errc::BadJson);
}

void JsonScanTest::every_vector_is_judged_as_when_canonicalised()
{
    for (const QJsonValue value : test::vectorCases("canonical_json")) {
        const QByteArray input = test::base64Field(value.toObject(), "input_b64");
        const auto canonical = canonicalJson("{\"v\":" + input + "}", NumberRule::Lenient);
        const auto object = ScannedObject::scan("{\"v\":" + input + "}");
        QCOMPARE(object.ok(), canonical.ok());
        if (!object) {
            QCOMPARE(object.error().code, canonical.error().code);
            continue;
        }
        QCOMPARE(object->isCanonical(), *canonical == object->text());
        QCOMPARE(object->members().front().value.text.toByteArray(), input.trimmed());
    }
}

void JsonScanTest::every_capture_is_canonical()
{
    const auto captures = test::captures();
    QCOMPARE(captures.size(), 45);
    for (const test::Capture &capture : captures) {
        const auto object = ScannedObject::scan(capture.body);
        QVERIFY2(object.ok(), qPrintable(capture.name));
        QVERIFY2(object->isCanonical(), qPrintable(capture.name));
        const auto canonical = canonicalJson(capture.body, NumberRule::Lenient);
        QVERIFY(canonical.ok());
        QCOMPARE(*canonical, capture.body);
        const auto again = canonicalJson(indentedJson(capture.body), NumberRule::Lenient);
        QVERIFY(again.ok());
        QCOMPARE(*again, capture.body);
    }
}

void JsonScanTest::random_values_are_canonicalised()
{
    for (quint32 seed = 1; seed <= 3000; ++seed) {
        test::JsonGenerator generator(seed);
        const auto pair = generator.object(5);
        const auto canonical = canonicalJson(pair.loose, NumberRule::Lenient);
        QVERIFY2(canonical.ok(), pair.loose.constData());
        QCOMPARE(*canonical, pair.canonical);

        const auto loose = ScannedObject::scan(pair.loose);
        QVERIFY(loose.ok());
        QCOMPARE(loose->isCanonical(), pair.loose == pair.canonical);
        const auto tidy = ScannedObject::scan(pair.canonical);
        QVERIFY(tidy.ok());
        QVERIFY2(tidy->isCanonical(), pair.canonical.constData());
        QCOMPARE(tidy->members().size(), loose->members().size());
        for (const JsonMember &member : loose->members()) {
            const JsonSlice *same = tidy->find(member.key);
            QVERIFY(same);
            QCOMPARE(same->kind, member.value.kind);
            QCOMPARE(*canonicalJson(member.value.text, NumberRule::Lenient), same->text.toByteArray());
        }
    }
}

void JsonScanTest::whether_a_value_inside_is_canonical_is_known()
{
    int odd = 0;
    for (quint32 seed = 1; seed <= 1000; ++seed) {
        test::JsonGenerator generator(seed);
        const auto pair = generator.object(4);
        // Out of order, as the envelope of a relay's answer is.
        const QByteArray text =
            R"({"z":)" + pair.canonical + R"(,"a": )" + pair.loose + R"(,"b":)" + pair.canonical + '}';
        const auto object = ScannedObject::scan(text);
        QVERIFY(object.ok());
        QVERIFY(!object->isCanonical());
        QVERIFY(object->isCanonical(*object->find("z")));
        const ScannedObject tidy = object->part(*object->find("z"));
        QVERIFY(tidy.isCanonical());
        QCOMPARE(tidy.text(), pair.canonical);
        const JsonSlice *last = object->find("b");
        const ScannedObject loose = object->part(*object->find("a"));
        const auto alone = ScannedObject::scan(pair.loose);
        QCOMPARE(loose.members().size(), alone->members().size());
        if (!object->isCanonical(*last))
            continue; // more oddities than are noted
        ++odd;
        QVERIFY(object->part(*last).isCanonical());
        QCOMPARE(loose.isCanonical(), alone->isCanonical());
        for (const JsonMember &member : loose.members()) {
            const bool canonical = *canonicalJson(member.value.text, NumberRule::Lenient) == member.value.text;
            QCOMPARE(loose.isCanonical(member.value), canonical);
            QCOMPARE(object->isCanonical(member.value), canonical);
        }
    }
    QVERIFY(odd > 500);
}

void JsonScanTest::behind_too_much_that_is_not_canonical_nothing_counts_as_canonical()
{
    const auto object = ScannedObject::scan(R"({"a":[1],"b":[)" +
                                            QByteArray(" ,1").repeated(MostOddities + 1).sliced(2) + R"(],"c":[2]})");
    QVERIFY(object.ok());
    QVERIFY(!object->isCanonical());
    QVERIFY(object->isCanonical(*object->find("a")));
    QVERIFY(!object->isCanonical(*object->find("b")));
    QVERIFY(!object->isCanonical(*object->find("c")));
    const auto deeper = ScannedObject::scan(R"({"a":)" + object->text() + '}');
    const ScannedObject part = deeper->part(*deeper->find("a"));
    QVERIFY(!part.isCanonical());
    QVERIFY(part.isCanonical(*part.find("a")));
    QVERIFY(!part.isCanonical(*part.find("c")));
    QVERIFY(!part.part(JsonSlice{JsonKind::Object, part.text()}).isCanonical());
}

void JsonScanTest::random_damage_is_judged_alike_by_scan_and_canonicalise()
{
    static const QByteArray bytes("{}[]\",:\\/0-1.eEuntf \n\x01\x80\xc3\xe6\xf0\xff");
    int broken = 0;
    for (quint32 seed = 1; seed <= 6000; ++seed) {
        test::JsonGenerator generator(seed);
        const auto pair = generator.object(3);
        QByteArray text = generator.below(2) != 0 ? pair.loose : pair.canonical;
        for (int damage = 1 + generator.below(2); damage > 0 && !text.isEmpty(); --damage) {
            const int at = generator.below(int(text.size()));
            switch (generator.below(3)) {
            case 0:
                text[at] = bytes[generator.below(int(bytes.size()))];
                break;
            case 1:
                text.remove(at, 1 + generator.below(3));
                break;
            default:
                text.insert(at, bytes[generator.below(int(bytes.size()))]);
            }
        }
        QByteArray canonical;
        const JsonFault fault = canonicalise(text, NumberRule::Lenient, &canonical);
        const auto object = ScannedObject::scan(text);
        if (fault != JsonFault::None) {
            ++broken;
            QVERIFY(!object.ok());
            QCOMPARE(object.error().code, describe(fault).code);
        } else if (object.ok()) {
            QCOMPARE(object->isCanonical(), canonical == text);
            QByteArray again;
            QCOMPARE(canonicalise(canonical, NumberRule::Lenient, &again), JsonFault::None);
            QCOMPARE(again, canonical);
        }
    }
    QVERIFY(broken > 2000);
}

void JsonScanTest::indented_form_keeps_every_spelling()
{
    const QByteArray text = "{\"b\":[1.50,-0,\"\\u0041\\/\",{},[ ]],\"a\" : {\"x\":null,\"y\":[[1]]}}";
    const QByteArray indented = "{\n"
                                "  \"b\": [\n"
                                "    1.50,\n"
                                "    -0,\n"
                                "    \"\\u0041\\/\",\n"
                                "    {},\n"
                                "    []\n"
                                "  ],\n"
                                "  \"a\": {\n"
                                "    \"x\": null,\n"
                                "    \"y\": [\n"
                                "      [\n"
                                "        1\n"
                                "      ]\n"
                                "    ]\n"
                                "  }\n"
                                "}";
    QCOMPARE(indentedJson(text), indented);
    QCOMPARE(indentedJson(indented), indented);
    QCOMPARE(indentedJson(" 42 "), QByteArray("42"));
}

void JsonScanTest::indented_form_of_deep_text_stays_small()
{
    QByteArray text(200, '[');
    for (int i = 0; i < 100000; ++i)
        text += "1,";
    text += '1' + QByteArray(200, ']');
    const QByteArray indented = indentedJson(text);
    QVERIFY(indented.size() < 3 * text.size());
    QCOMPARE(*canonicalJson(indented, NumberRule::Lenient), text);
}

void JsonScanTest::indented_form_of_faulty_text_is_that_text()
{
    for (const QByteArray &text : {QByteArray("{\"a\":"), QByteArray(), QByteArray("[1]]"), QByteArray("\xff")})
        QCOMPARE(indentedJson(text), text);
}

QTEST_GUILESS_MAIN(JsonScanTest)
#include "tst_jsonscan.moc"
