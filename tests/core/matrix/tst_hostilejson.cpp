// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that are made to hurt. No time is measured: what is quadratic does not end within the test's time limit.
#include "matrix/jsonscan.h"
#include "matrix/transaction.h"

#include <QtCore/QFile>
#include <QtTest/QTest>

#include <algorithm>

#ifdef Q_OS_LINUX
#include <sys/resource.h>
#include <unistd.h>
#endif

using namespace restante;
using namespace restante::matrix;

Q_DECLARE_METATYPE(restante::matrix::JsonFault)

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RESTANTE_SANITIZED
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define RESTANTE_SANITIZED
#endif

class HostileJsonTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void hostile_texts_cost_bounded_memory_data();
    void hostile_texts_cost_bounded_memory();
    void depth_is_counted_exactly_data();
    void depth_is_counted_exactly();
    void repeated_keys_are_found_among_many_data();
    void repeated_keys_are_found_among_many();
    void as_many_keys_as_may_be_come_out_in_order();
    void what_waits_keeps_only_the_members_that_are_wanted();
    void long_common_beginnings_are_put_in_order();
};

namespace
{

#ifdef RESTANTE_SANITIZED
constexpr qsizetype Large = qsizetype{1000} * 1000;
#else
constexpr qsizetype Large = qsizetype{13} * 1000 * 1000; // what a body may be by default
#endif
constexpr quint32 Million = 1000 * 1000;
/// What a text may cost while it is read, scanned and rewritten: itself in another form, and the places of its keys,
/// which are bounded whatever their text.
constexpr qsizetype memoryFor(qsizetype textBytes)
{
    return 2 * textBytes + (qsizetype(24) << 20);
}

/// While it lives, the process may map only `bytes` more than it has. Sanitizers map terabytes, so not with them.
class AddressSpaceLimit
{
public:
    explicit AddressSpaceLimit([[maybe_unused]] qsizetype bytes)
    {
#if defined(Q_OS_LINUX) && !defined(RESTANTE_SANITIZED)
        QFile file(QStringLiteral("/proc/self/statm"));
        if (!file.open(QIODevice::ReadOnly))
            return;
        const qsizetype pages = file.readAll().split(' ').first().toLongLong();
        ::getrlimit(RLIMIT_AS, &m_before);
        rlimit limit = m_before;
        limit.rlim_cur = static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE) + bytes);
        m_active = ::setrlimit(RLIMIT_AS, &limit) == 0;
#else
        m_active = true;
#endif
    }
    ~AddressSpaceLimit()
    {
#if defined(Q_OS_LINUX) && !defined(RESTANTE_SANITIZED)
        if (m_active)
            ::setrlimit(RLIMIT_AS, &m_before);
#endif
    }
    Q_DISABLE_COPY_MOVE(AddressSpaceLimit)

    bool isActive() const
    {
        return m_active;
    }

private:
    bool m_active = false;
#if defined(Q_OS_LINUX) && !defined(RESTANTE_SANITIZED)
    rlimit m_before{};
#endif
};

/// Four letters, another for each number, in an order that has nothing to do with the alphabet's.
QByteArray shortKey(quint32 number)
{
    QByteArray key(4, 'a');
    for (char &letter : key) {
        letter = static_cast<char>('0' + number % 64 + (number % 64 >= 44 ? 1 : 0)); // leaves out the backslash
        number /= 64;
    }
    return key;
}

QByteArray objectOf(quint32 count, const QByteArray &beginning = {})
{
    QByteArray text = "{";
    for (quint32 i = 0; i < count; ++i)
        text += (i == 0 ? "\"" : ",\"") + beginning + shortKey(i) + "\":0";
    return text + '}';
}

} // namespace

void HostileJsonTest::hostile_texts_cost_bounded_memory_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<JsonFault>("fault");
    const auto row = [](const char *name, const QByteArray &text, JsonFault fault) {
        QTest::newRow(name) << text << fault;
    };
    row("open brackets", QByteArray(Large, '['), JsonFault::Depth);
    row("open objects", QByteArray("{\"a\":").repeated(Large / 5), JsonFault::Depth);
    row("numbers without end", QByteArray("1,").repeated(Large / 2), JsonFault::Trailing);
    row("array of numbers without end", "[" + QByteArray("1,").repeated(Large / 2), JsonFault::Syntax);
    row("array of numbers", "{\"a\":[" + QByteArray("1,").repeated(Large / 2) + "1]}", JsonFault::None);
    row("empty objects", "{\"a\":[" + QByteArray("{},").repeated(Large / 3) + "1]}", JsonFault::None);
    row("small objects", "{\"a\":[" + QByteArray("{\"a\":0},").repeated(Large / 8) + "1]}", JsonFault::None);
    row("small objects out of order",
        "{\"a\":[" + QByteArray("{\"b\":0,\"a\":0},").repeated(std::max(Large / 14, MostJsonKeysOutOfOrder / 2 + 1)) +
            "1]}",
        JsonFault::TooManyKeys);
    row("many keys", objectOf(MostJsonKeys), JsonFault::None);
    row("many keys, nested", "{\"x\":" + objectOf(MostJsonKeys - 1) + "}", JsonFault::None);
    row("too many keys", objectOf(MostJsonKeys + 1), JsonFault::TooManyKeys);
    row("too many keys, nested", "{\"x\":" + objectOf(MostJsonKeys) + "}", JsonFault::TooManyKeys);
    row("far too many keys", objectOf(Million), JsonFault::TooManyKeys);
    row("most keys out of order",
        "{\"a\":[" + QByteArray("{\"b\":0,\"a\":0},").repeated(MostJsonKeysOutOfOrder / 2) + "1]}", JsonFault::None);
    row("every level out of order",
        QByteArray("{\"b\":0,\"a\":").repeated(255) + "[" + QByteArray("1,").repeated(Large / 2) + "1]" +
            QByteArray(255, '}'),
        JsonFault::None);
    row("one string", "{\"a\":\"" + QByteArray(Large, 'x') + "\"}", JsonFault::None);
    row("one string of escapes", "{\"a\":\"" + QByteArray("\\u0041").repeated(Large / 6) + "\"}", JsonFault::None);
    row("one key of escapes", "{\"" + QByteArray("\\n").repeated(Large / 2) + "\":1,\"\":2}", JsonFault::None);
    row("spaces", "{" + QByteArray(Large, ' ') + "}", JsonFault::None);
    row("digits", "{\"a\":" + QByteArray(Large, '7') + "}", JsonFault::None);
    row("fraction", "{\"a\":0." + QByteArray(Large, '7') + "}", JsonFault::None);
    row("quotes", QByteArray(Large, '"'), JsonFault::Trailing);
    row("backslashes", "\"" + QByteArray(Large, '\\'), JsonFault::Syntax);
}

void HostileJsonTest::hostile_texts_cost_bounded_memory()
{
    QFETCH(QByteArray, text);
    QFETCH(JsonFault, fault);
    const AddressSpaceLimit limit(memoryFor(text.size()));
    QVERIFY(limit.isActive());
    QCOMPARE(ScannedObject::scan(text).ok(), fault == JsonFault::None);
    for (const NumberRule rule : {NumberRule::Lenient, NumberRule::Python}) {
        QByteArray canonical;
        QCOMPARE(canonicalise(text, rule, &canonical), fault);
        QVERIFY(canonical.size() <= text.size());
    }
}

void HostileJsonTest::depth_is_counted_exactly_data()
{
    QTest::addColumn<QByteArray>("open");
    QTest::addColumn<QByteArray>("close");
    QTest::newRow("arrays") << QByteArray("[") << QByteArray("]");
    QTest::newRow("objects") << QByteArray("{\"a\":") << QByteArray("}");
    QTest::newRow("objects out of order") << QByteArray("{\"b\":1,\"a\":") << QByteArray("}");
}

void HostileJsonTest::depth_is_counted_exactly()
{
    QFETCH(QByteArray, open);
    QFETCH(QByteArray, close);
    const auto nested = [&](qsizetype levels) { return open.repeated(levels) + "{}" + close.repeated(levels); };
    QByteArray canonical;
    QCOMPARE(canonicalise(nested(MaxJsonDepth - 1), NumberRule::Lenient, &canonical), JsonFault::None);
    QCOMPARE(canonicalise(nested(MaxJsonDepth), NumberRule::Lenient, &canonical), JsonFault::Depth);
    QVERIFY(ScannedObject::scan("{\"x\":" + nested(MaxJsonDepth - 2) + "}").ok());
    const auto deeper = ScannedObject::scan("{\"x\":" + nested(MaxJsonDepth - 1) + "}");
    QVERIFY(!deeper.ok());
    QCOMPARE(deeper.error().code, Errc::BadJson);
}

void HostileJsonTest::repeated_keys_are_found_among_many_data()
{
    QTest::addColumn<QByteArray>("first");
    QTest::addColumn<QByteArray>("second");
    QTest::addColumn<JsonFault>("fault");
    QTest::newRow("none") << QByteArray("first") << QByteArray("second") << JsonFault::None;
    QTest::newRow("plain") << QByteArray("again") << QByteArray("again") << JsonFault::DuplicateKey;
    QTest::newRow("escaped") << QByteArray("again") << QByteArray("ag\\u0061in") << JsonFault::DuplicateKey;
    QTest::newRow("eight bytes") << QByteArray("12345678") << QByteArray("12345678") << JsonFault::DuplicateKey;
    QTest::newRow("one longer by NUL") << QByteArray("123456") << QByteArray("123456\\u0000") << JsonFault::None;
    QTest::newRow("empty") << QByteArray("") << QByteArray("") << JsonFault::DuplicateKey;
}

void HostileJsonTest::repeated_keys_are_found_among_many()
{
    QFETCH(QByteArray, first);
    QFETCH(QByteArray, second);
    QFETCH(JsonFault, fault);
    const QByteArray many = objectOf(50000);
    const QByteArray text =
        "{\"" + first + "\":1," + many.mid(1, many.size() - 2) + ",\"" + second + "\":{\"z\":1,\"a\":2}}";
    QByteArray canonical;
    QCOMPARE(canonicalise(text, NumberRule::Lenient, &canonical), fault);
    QCOMPARE(ScannedObject::scan(text).ok(), fault == JsonFault::None);
}

void HostileJsonTest::as_many_keys_as_may_be_come_out_in_order()
{
    QByteArray canonical;
    QCOMPARE(canonicalise(objectOf(MostJsonKeys), NumberRule::Lenient, &canonical), JsonFault::None);
    const auto object = ScannedObject::scan(canonical);
    QVERIFY(object.ok());
    QVERIFY(object->isCanonical());
    QCOMPARE(object->members().size(), size_t(MostJsonKeys));
}

void HostileJsonTest::what_waits_keeps_only_the_members_that_are_wanted()
{
    auto object = ScannedObject::scan(R"({"a":1,"ed\u0075s":[],"pdus":[2],"z":3})");
    QVERIFY(object.ok());
    object->keepOnly(std::array<QByteArrayView, 3>{"edus", "pdus", "none"});
    QCOMPARE(object->members().size(), size_t(2));
    QVERIFY(object->find("edus") && object->find("pdus"));
    QVERIFY(!object->find("a") && !object->find("z") && !object->find("none"));
    QCOMPARE(object->find("pdus")->text.toByteArray(), QByteArray("[2]"));
}

void HostileJsonTest::long_common_beginnings_are_put_in_order()
{
    // Beginnings of every length up to three heads of the sort, some with NULs at its edges.
    for (int length = 0; length < 25; ++length) {
        QByteArray text = objectOf(200, QByteArray(length, 'p'));
        text.chop(1);
        for (int nuls = 0; nuls < 20; ++nuls)
            text += ",\"" + QByteArray(length, 'p') + QByteArray("\\u0000").repeated(nuls) + "\":0";
        text += '}';
        const auto canonical = canonicalJson(text, NumberRule::Lenient);
        QVERIFY(canonical.ok());
        const auto object = ScannedObject::scan(*canonical);
        QVERIFY(object.ok());
        QVERIFY(object->isCanonical());
        QCOMPARE(object->members().size(), size_t(220));
        QVERIFY(std::is_sorted(object->members().begin(), object->members().end(),
                               [](const JsonMember &a, const JsonMember &b) { return a.key < b.key; }));
    }
}

QTEST_GUILESS_MAIN(HostileJsonTest)
#include "tst_hostilejson.moc"
