// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/site.h"

#include <QtTest/QTest>

using namespace restante::http;

class SiteTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void fields_are_found_without_regard_to_case()
    {
        RequestHead head;
        head.headers = {{"AUTHORIZATION", "one"}, {"Host", "a"}, {"authorization", "two"}};
        QCOMPARE_EQ(head.all("authorization"), QList<QByteArray>({"one", "two"}));
        QCOMPARE_EQ(head.value("authorization"), QByteArray("one"));
        QVERIFY(head.value("expect").isNull());
        QVERIFY(head.all("auth").isEmpty());
    }
};

QTEST_GUILESS_MAIN(SiteTest)
#include "sitetest.moc"
