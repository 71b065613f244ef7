// SPDX-License-Identifier: GPL-3.0-or-later
// What the operator sees of invites that could not be passed on.
#include "relay/inviteboard.h"

#include <QtTest/QTest>

using namespace restante;
using relay::FailedInvite;
using relay::InviteBoard;

class TestInviteBoard : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void the_newest_comes_first()
    {
        InviteBoard board;
        QVERIFY(board.list().isEmpty());
        QVERIFY(board.note(invite(1)));
        QVERIFY(board.note(invite(2)));
        QCOMPARE(board.list().size(), 2);
        QCOMPARE(board.list().at(0).lastMs, 2);
        QCOMPARE(board.list().at(1).lastMs, 1);
    }

    void the_same_invite_is_one_row()
    {
        InviteBoard board;
        FailedInvite again = invite(1);
        QVERIFY(board.note(again));
        QVERIFY(board.note(invite(2)));
        again.lastMs = 3;
        again.sender = "@other:a.example";
        QVERIFY(!board.note(again));
        QCOMPARE(board.list().size(), 2);
        QCOMPARE(board.list().at(0).lastMs, 3);
        QCOMPARE(board.list().at(0).times, 2);
        QCOMPARE(board.list().at(0).sender, "@other:a.example");
        again.invited = "@carol:b.example";
        QVERIFY(board.note(again));
        again.origin = *matrix::ServerName::parse("c.example");
        QVERIFY(board.note(again));
        QCOMPARE(board.list().size(), 4);
    }

    void a_hundred_are_kept()
    {
        InviteBoard board;
        for (int i = 0; i < 150; ++i)
            QVERIFY(board.note(invite(i)));
        QCOMPARE(board.list().size(), InviteBoard::MostInvites);
        QCOMPARE(board.list().constFirst().lastMs, 149);
        QCOMPARE(board.list().constLast().lastMs, 50);
    }

private:
    /// The one to room number `n`, which came then.
    static FailedInvite invite(int n)
    {
        return {n,
                *matrix::ServerName::parse("a.example"),
                *matrix::ServerName::parse("b.example"),
                "@al:a.example",
                "@bob:b.example",
                "!r" + QByteArray::number(n) + ":a.example"};
    }
};

QTEST_GUILESS_MAIN(TestInviteBoard)
#include "tst_inviteboard.moc"
