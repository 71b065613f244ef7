// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/result.h"

#include <QtTest/QTest>

#include <memory>

using namespace restante;

class ResultTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void a_value_is_there();
    void an_error_is_there();
    void a_value_can_be_moved_out();
    void a_value_can_be_changed_in_place();
    void success_without_a_value();
    void the_same_type_as_value_and_error_code();
};

namespace
{

Result<std::unique_ptr<int>> half(int number)
{
    if (number % 2 != 0)
        return {Errc::InvalidParam, QStringLiteral("Odd.")};
    return std::make_unique<int>(number / 2);
}

Result<void> check(bool good)
{
    if (!good)
        return Error{Errc::RateLimited, QStringLiteral("Slow down."), 1500};
    return {};
}

} // namespace

void ResultTest::a_value_is_there()
{
    const auto result = half(8);
    QVERIFY(result.ok());
    QVERIFY(result);
    QCOMPARE(**result, 4);
    QCOMPARE(*result.value(), 4);
}

void ResultTest::an_error_is_there()
{
    const auto result = half(7);
    QVERIFY(!result.ok());
    QVERIFY(!result);
    QCOMPARE(result.error().code, Errc::InvalidParam);
    QCOMPARE(result.error().detail, QStringLiteral("Odd."));
    QCOMPARE(result.error().retryAfterMs, 0);
}

void ResultTest::a_value_can_be_moved_out()
{
    const std::unique_ptr<int> fromTemporary = half(6).value();
    QCOMPARE(*fromTemporary, 3);
    auto result = half(4);
    const std::unique_ptr<int> fromNamed = std::move(*result);
    QCOMPARE(*fromNamed, 2);
}

void ResultTest::a_value_can_be_changed_in_place()
{
    Result<QString> result(QStringLiteral("a"));
    result->append(QLatin1Char('b'));
    *result += QLatin1Char('c');
    QCOMPARE(result.value(), QStringLiteral("abc"));
}

void ResultTest::success_without_a_value()
{
    QVERIFY(check(true).ok());
    const auto failed = check(false);
    QVERIFY(!failed);
    QCOMPARE(failed.error().code, Errc::RateLimited);
    QCOMPARE(failed.error().retryAfterMs, 1500);
}

void ResultTest::the_same_type_as_value_and_error_code()
{
    const Result<Errc> value(Errc::Busy);
    QVERIFY(value.ok());
    QCOMPARE(*value, Errc::Busy);
    const Result<Errc> error(Error{Errc::Busy, {}, 0});
    QVERIFY(!error.ok());
}

QTEST_GUILESS_MAIN(ResultTest)
#include "tst_result.moc"
