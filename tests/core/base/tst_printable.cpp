// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/printable.h"

#include <QtTest/QTest>

using restante::base::printable;

class TestPrintable final : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void what_moves_other_text_is_replaced_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        QTest::newRow("plain") << QStringLiteral("m.room.message") << QStringLiteral("m.room.message");
        QTest::newRow("other scripts") << QStringLiteral(u"\u0645\u062d 漢 é") << QStringLiteral(u"\u0645\u062d 漢 é");
        QTest::newRow("lines") << QStringLiteral("a\nb\r\tc") << QStringLiteral(u"a\ufffdb\ufffd\ufffdc");
        QTest::newRow("separators") << QStringLiteral(u"a\u2028b\u2029") << QStringLiteral(u"a\ufffdb\ufffd");
        QTest::newRow("escape") << QStringLiteral(u"\u001b[2J") << QStringLiteral(u"\ufffd[2J");
        QTest::newRow("override") << QStringLiteral(u"a\u202egpj.exe") << QStringLiteral(u"a\ufffdgpj.exe");
        QTest::newRow("isolate") << QStringLiteral(u"\u2067x\u2069") << QStringLiteral(u"\ufffdx\ufffd");
        QTest::newRow("marks") << QStringLiteral(u"a\u200eb\u200fc\u061cd")
                               << QStringLiteral(u"a\ufffdb\ufffdc\ufffdd");
        QTest::newRow("without width") << QStringLiteral(u"a\u200bb\ufeffc\u00add\u2060")
                                       << QStringLiteral(u"a\ufffdb\ufffdc\ufffdd\ufffd");
        QTest::newRow("tags") << QString::fromUcs4(U"a\U000e0041b") << QStringLiteral(u"a\ufffdb");
        QTest::newRow("fillers") << QStringLiteral(u"a\u3164\uffa0") << QStringLiteral(u"a\ufffd\ufffd");
        QTest::newRow("pairs") << QString::fromUcs4(U"a\U0001f600b") << QString::fromUcs4(U"a\U0001f600b");
        QTest::newRow("half a pair") << QString(QChar(0xd83d)) + u'x' << QStringLiteral(u"\ufffdx");
    }

    void what_moves_other_text_is_replaced()
    {
        QFETCH(QString, text);
        QTEST(printable(text), "shown");
    }
};

QTEST_APPLESS_MAIN(TestPrintable)
#include "tst_printable.moc"
