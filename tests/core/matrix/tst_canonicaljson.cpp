// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/canonicaljson.h"
#include "vectors.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::matrix;

Q_DECLARE_METATYPE(restante::matrix::NumberRule)
Q_DECLARE_METATYPE(restante::matrix::JsonFault)

class CanonicalJsonTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void every_vector_gives_its_result_data();
    void every_vector_gives_its_result();
    void the_vectors_are_all_there();
    void canonical_form_is_stable_data();
    void canonical_form_is_stable();
    void floats_are_printed_as_cpython_prints_them_data();
    void floats_are_printed_as_cpython_prints_them();
    void a_float_beyond_a_double_has_no_python_form();
    void a_fault_carries_the_error_code_of_its_kind_data();
    void a_fault_carries_the_error_code_of_its_kind();
    void a_string_literal_escapes_what_canonical_form_escapes();
    void members_are_reordered_at_every_level();
    void keys_with_escapes_are_ordered_by_their_meaning();
};

namespace
{

JsonFault faultOf(const QString &name)
{
    static const QHash<QString, JsonFault> faults{
        {QStringLiteral("utf8"), JsonFault::Utf8},
        {QStringLiteral("bom"), JsonFault::Bom},
        {QStringLiteral("empty"), JsonFault::Empty},
        {QStringLiteral("syntax"), JsonFault::Syntax},
        {QStringLiteral("trailing"), JsonFault::Trailing},
        {QStringLiteral("dup_key"), JsonFault::DuplicateKey},
        {QStringLiteral("surrogate"), JsonFault::Surrogate},
        {QStringLiteral("float"), JsonFault::Float},
        {QStringLiteral("int_range"), JsonFault::IntegerRange},
        {QStringLiteral("depth"), JsonFault::Depth},
    };
    return faults.value(name, JsonFault::None);
}

} // namespace

void CanonicalJsonTest::the_vectors_are_all_there()
{
    QCOMPARE(test::vectorCases("canonical_json").size(), 105);
}

void CanonicalJsonTest::every_vector_gives_its_result_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<NumberRule>("rule");
    QTest::addColumn<JsonFault>("fault");
    QTest::addColumn<QByteArray>("output");
    for (const QJsonValue value : test::vectorCases("canonical_json")) {
        const QJsonObject vector = value.toObject();
        for (const auto &[mode, rule] :
             {std::pair("strict", NumberRule::Strict), std::pair("lenient", NumberRule::Lenient)}) {
            const QJsonObject result = vector.value(QLatin1String(mode)).toObject();
            const QByteArray name = test::textField(vector, "id") + '/' + mode;
            const bool ok = result.value(QLatin1String("ok")).toBool();
            QTest::newRow(name.constData())
                << test::base64Field(vector, "input_b64") << rule
                << (ok ? JsonFault::None : faultOf(result.value(QLatin1String("error")).toString()))
                << test::base64Field(result, "output_b64");
        }
    }
}

void CanonicalJsonTest::every_vector_gives_its_result()
{
    QFETCH(QByteArray, input);
    QFETCH(NumberRule, rule);
    QFETCH(JsonFault, fault);
    QFETCH(QByteArray, output);
    QByteArray canonical;
    QCOMPARE(canonicalise(input, rule, &canonical), fault);
    if (fault == JsonFault::None)
        QCOMPARE(canonical, output);
}

void CanonicalJsonTest::canonical_form_is_stable_data()
{
    every_vector_gives_its_result_data();
}

void CanonicalJsonTest::canonical_form_is_stable()
{
    QFETCH(NumberRule, rule);
    QFETCH(JsonFault, fault);
    QFETCH(QByteArray, output);
    if (fault != JsonFault::None)
        return;
    QByteArray again;
    QCOMPARE(canonicalise(output, rule, &again), JsonFault::None);
    QCOMPARE(again, output);
}

void CanonicalJsonTest::floats_are_printed_as_cpython_prints_them_data()
{
    QTest::addColumn<QByteArray>("number");
    QTest::addColumn<QByteArray>("printed");
    const std::initializer_list<std::pair<const char *, const char *>> rows{
        {"1.50", "1.5"},
        {"1e10", "10000000000.0"},
        {"1E+2", "100.0"},
        {"1e15", "1000000000000000.0"},
        {"9999999999999998.0", "9999999999999998.0"},
        {"1e16", "1e+16"},
        {"12345678901234567.0", "1.2345678901234568e+16"},
        {"1e22", "1e+22"},
        {"1e-4", "0.0001"},
        {"0.00012345", "0.00012345"},
        {"1e-5", "1e-05"},
        {"1.5e-7", "1.5e-07"},
        {"-0.0", "-0.0"},
        {"0e0", "0.0"},
        {"-0.5", "-0.5"},
        {"0.1", "0.1"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"123456.789e3", "123456789.0"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"5e-324", "5e-324"},
        {"2.2250738585072014e-308", "2.2250738585072014e-308"},
        {"1e-400", "0.0"},
        {"-1e-99999999999999999999", "-0.0"},
        {"0e99999999999999999999", "0.0"},
        {"0.0e400", "0.0"},
        {"100e-2", "1.0"},
        {"1e23", "1e+23"},
        {"9007199254740993.0", "9007199254740992.0"},
        {"1234567890123456789012345678901234567890", "1234567890123456789012345678901234567890"},
        {"-0", "0"},
        {"7", "7"},
    };
    for (const auto &[number, printed] : rows)
        QTest::newRow(number) << QByteArray(number) << QByteArray(printed);
}

void CanonicalJsonTest::floats_are_printed_as_cpython_prints_them()
{
    QFETCH(QByteArray, number);
    QFETCH(QByteArray, printed);
    const auto canonical = canonicalJson("{\"n\":[" + number + "," + number + "]}", NumberRule::Python);
    QVERIFY(canonical.ok());
    QCOMPARE(*canonical, "{\"n\":[" + printed + "," + printed + "]}");
}

void CanonicalJsonTest::a_float_beyond_a_double_has_no_python_form()
{
    QByteArray output;
    QCOMPARE(canonicalise("[1e400]", NumberRule::Python, &output), JsonFault::NotFinite);
    QCOMPARE(canonicalise("[-2e308]", NumberRule::Python, &output), JsonFault::NotFinite);
    QCOMPARE(canonicalise("[1e99999999999999999999]", NumberRule::Python, &output), JsonFault::NotFinite);
    const QByteArray long400 = "[" + QByteArray(400, '9') + ".0]";
    QCOMPARE(canonicalise(long400, NumberRule::Python, &output), JsonFault::NotFinite);
}

void CanonicalJsonTest::a_fault_carries_the_error_code_of_its_kind_data()
{
    QTest::addColumn<QByteArray>("input");
    QTest::addColumn<NumberRule>("rule");
    QTest::addColumn<bool>("notJson");
    QTest::newRow("empty") << QByteArray() << NumberRule::Lenient << true;
    QTest::newRow("bom") << QByteArray("\xEF\xBB\xBF{}") << NumberRule::Lenient << true;
    QTest::newRow("utf8") << QByteArray("\"\xff\"") << NumberRule::Lenient << true;
    QTest::newRow("syntax") << QByteArray("{") << NumberRule::Lenient << true;
    QTest::newRow("trailing") << QByteArray("{}{}") << NumberRule::Lenient << true;
    QTest::newRow("duplicate") << QByteArray("{\"a\":1,\"\\u0061\":1}") << NumberRule::Lenient << false;
    QTest::newRow("surrogate") << QByteArray("\"\\udc00\"") << NumberRule::Lenient << false;
    QTest::newRow("depth") << QByteArray(257, '[') + QByteArray(257, ']') << NumberRule::Lenient << false;
    QTest::newRow("float") << QByteArray("1.5") << NumberRule::Strict << false;
    QTest::newRow("range") << QByteArray("9007199254740992") << NumberRule::Strict << false;
    QTest::newRow("infinite") << QByteArray("1e999") << NumberRule::Python << false;
}

void CanonicalJsonTest::a_fault_carries_the_error_code_of_its_kind()
{
    QFETCH(QByteArray, input);
    QFETCH(NumberRule, rule);
    QFETCH(bool, notJson);
    const auto canonical = canonicalJson(input, rule);
    QVERIFY(!canonical.ok());
    QCOMPARE(canonical.error().code, notJson ? Errc::NotJson : Errc::BadJson);
    QVERIFY(!canonical.error().detail.isEmpty());
}

void CanonicalJsonTest::a_string_literal_escapes_what_canonical_form_escapes()
{
    QCOMPARE(jsonString(""), QByteArray("\"\""));
    QCOMPARE(jsonString("plain text of more than eight bytes"), QByteArray("\"plain text of more than eight bytes\""));
    QCOMPARE(jsonString("a\"b\\c/\b\t\n\f\r\x01\x1f\x7f"),
             QByteArray("\"a\\\"b\\\\c/\\b\\t\\n\\f\\r\\u0001\\u001f\x7f\""));
    QCOMPARE(jsonString(QByteArrayView("\0", 1)), QByteArray("\"\\u0000\""));
    QCOMPARE(jsonString("\xE2\x80\xA8 \xF0\x9F\x98\x80"), QByteArray("\"\xE2\x80\xA8 \xF0\x9F\x98\x80\""));
}

void CanonicalJsonTest::members_are_reordered_at_every_level()
{
    const auto canonical =
        canonicalJson(R"( { "z" : { "y" : [ { "b" : -0 , "a" : { } } , 2 ] , "x" : [ ] } , "a" : { "k" : "\/" } } )",
                      NumberRule::Lenient);
    QVERIFY(canonical.ok());
    QCOMPARE(*canonical, QByteArray(R"({"a":{"k":"/"},"z":{"x":[],"y":[{"a":{},"b":0},2]}})"));
}

void CanonicalJsonTest::keys_with_escapes_are_ordered_by_their_meaning()
{
    const auto canonical = canonicalJson(R"({"\u0062":1,"c":2,"\n":3,"\ud83d\ude00":4,"a\\":5})", NumberRule::Lenient);
    QVERIFY(canonical.ok());
    QCOMPARE(*canonical, QByteArray("{\"\\n\":3,\"a\\\\\":5,\"b\":1,\"c\":2,\"\xF0\x9F\x98\x80\":4}"));
}

QTEST_GUILESS_MAIN(CanonicalJsonTest)
#include "tst_canonicaljson.moc"
