// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/reply.h"

#include <QtTest/QTest>

using namespace restante;
using namespace restante::http;

namespace
{

struct Answer {
    int status = 0;
    QByteArray type;
    QByteArray body;
    Reply::ExtraHeaders extra;
};

class Recorder final : public Reply::Sink
{
public:
    explicit Recorder(std::vector<Answer> &answers)
        : m_answers(answers)
    {
    }
    void deliver(int status, const QByteArray &type, const QByteArray &body, const Reply::ExtraHeaders &extra) override
    {
        m_answers.push_back({status, type, body, extra});
    }
    void deliver(Reply::Stream stream, const Reply::ExtraHeaders &extra) override
    {
        m_answers.push_back({stream.status, stream.contentType, stream.body->take(), extra});
    }
    void whenUnwanted(std::function<void()> /*unwanted*/) override {}

private:
    std::vector<Answer> &m_answers;
};

class Words final : public Reply::Body
{
public:
    void start(std::function<void()>) override {}
    QByteArray take() override { return "word"; }
    State state() const override { return State::Complete; }
};

} // namespace

class ReplyTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void only_the_first_answer_goes_out()
    {
        std::vector<Answer> answers;
        {
            Reply reply(std::make_unique<Recorder>(answers));
            reply.json(200, "{}");
            reply.json(500, "{}");
            reply.fail(Error{Errc::Busy, {}, 0});
        }
        QCOMPARE_EQ(answers.size(), 1u);
        QCOMPARE_EQ(answers[0].status, 200);
        QCOMPARE_EQ(answers[0].type, QByteArray("application/json"));
    }

    void a_body_that_comes_in_parts_is_an_answer_too()
    {
        std::vector<Answer> answers;
        QList<std::pair<int, qsizetype>> told;
        {
            Reply reply(std::make_unique<Recorder>(answers));
            reply.whenAnswered([&told](int status, qsizetype bytes) { told.append({status, bytes}); });
            reply.send({206, "text/plain", 4, std::make_unique<Words>()}, {{"X", "y"}});
            reply.json(200, "{}");
        }
        QCOMPARE_EQ(answers.size(), 1u);
        QCOMPARE_EQ(answers[0].status, 206);
        QCOMPARE_EQ(answers[0].body, "word");
        QCOMPARE_EQ(answers[0].extra.size(), 1u);
        QCOMPARE_EQ(told, (QList<std::pair<int, qsizetype>>{{206, 4}}));
    }

    void a_reply_that_is_dropped_answers_500()
    {
        std::vector<Answer> answers;
        {
            const Reply reply(std::make_unique<Recorder>(answers));
        }
        QCOMPARE_EQ(answers.size(), 1u);
        QCOMPARE_EQ(answers[0].status, 500);
        QVERIFY(answers[0].body.contains("M_UNKNOWN"));
    }

    void a_reply_that_was_moved_away_answers_nothing()
    {
        std::vector<Answer> answers;
        {
            Reply reply(std::make_unique<Recorder>(answers));
            Reply moved(std::move(reply));
            QCOMPARE_EQ(answers.size(), 0u);
            moved.send(204, "text/plain", {});
        }
        QCOMPARE_EQ(answers.size(), 1u);
        QCOMPARE_EQ(answers[0].status, 204);
    }

    void a_failure_says_when_to_come_again_in_whole_seconds()
    {
        std::vector<Answer> answers;
        Reply(std::make_unique<Recorder>(answers)).fail(Error{Errc::RateLimited, QStringLiteral("Slowly"), 2'001});
        Reply(std::make_unique<Recorder>(answers)).fail(Error{Errc::Paused, QStringLiteral("Paused"), 0});
        Reply(std::make_unique<Recorder>(answers)).fail(Error{Errc::NotServed, QStringLiteral("No"), 0}, {{"X", "y"}});
        QCOMPARE_EQ(answers[0].status, 429);
        QCOMPARE_EQ(answers[0].extra, (Reply::ExtraHeaders{{"Retry-After", "3"}}));
        QCOMPARE_EQ(answers[1].status, 503);
        QCOMPARE_EQ(answers[1].extra.size(), 1u);
        QCOMPARE_EQ(answers[2].status, 403);
        QCOMPARE_EQ(answers[2].extra, (Reply::ExtraHeaders{{"X", "y"}}));
    }
};

QTEST_GUILESS_MAIN(ReplyTest)
#include "replytest.moc"
