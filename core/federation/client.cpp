// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/client.h"

#include "base/mailbox.h"
#include "federation/doorway.h"
#include "federation/engine.h"

#include <QtCore/QThread>

#include <utility>

namespace restante::federation
{

Client::Client(const identity::Identity &identity, Options options, const base::Clock &clock)
    : m_doorway(std::make_shared<Doorway>([&identity, options = std::move(options), &clock] {
        return std::make_unique<Engine>(identity, options, clock);
    }))
{
}

Client::~Client()
{
    m_doorway->close();
}

class Port::Private
{
public:
    explicit Private(std::shared_ptr<Doorway> doorway)
        : m_doorway(std::move(doorway))
        , m_box([this](std::vector<Answer> answers) { deliver(std::move(answers)); })
        , m_replies(std::make_shared<ReplyBox<Answer>>(&m_box))
    {
    }
    ~Private()
    {
        m_replies->close();
        if (!m_waiting.isEmpty()) {
            m_doorway->post([ids = m_waiting.keys()](Engine &engine) {
                for (const Id id : ids)
                    engine.cancel(id);
            });
        }
    }
    Q_DISABLE_COPY_MOVE(Private)

    /// The closures stay in this thread; only a number travels.
    Id send(Request request, Done done)
    {
        Q_ASSERT(QThread::currentThread() == m_thread);
        const Id id = m_doorway->nextId();
        m_waiting.emplace(id, std::move(done));
        const bool posted = m_doorway->post([id, replies = m_replies, request = std::move(request)](Engine &engine) {
            engine.start(id, request, [id, replies](Result<Response> result) {
                if (!result && result.error().code == Errc::NotFound)
                    result = Error{Errc::Unreachable, result.error().detail, 0};
                replies->post({id, std::move(result)});
            });
        });
        if (!posted)
            m_box.post({id, Error{Errc::Unreachable, QStringLiteral("The program is stopping"), 0}});
        return id;
    }
    void cancel(Id id)
    {
        Q_ASSERT(QThread::currentThread() == m_thread);
        if (m_waiting.remove(id))
            m_doorway->post([id](Engine &engine) { engine.cancel(id); });
    }

private:
    struct Answer {
        Id id = 0;
        Result<Response> result;
    };

    void deliver(std::vector<Answer> answers)
    {
        for (Answer &answer : answers) {
            if (const Done done = m_waiting.take(answer.id))
                done(std::move(answer.result));
        }
    }

    std::shared_ptr<Doorway> m_doorway;
    QThread *m_thread = QThread::currentThread();
    QHash<Id, Done> m_waiting;
    base::Mailbox<Answer> m_box;
    std::shared_ptr<ReplyBox<Answer>> m_replies;
};

Port::Port(const Client &client)
    : d(std::make_unique<Private>(client.doorway()))
{
}

Port::~Port() = default;

Port::Id Port::send(Request request, Done done)
{
    return d->send(std::move(request), std::move(done));
}

void Port::cancel(Id id)
{
    d->cancel(id);
}

} // namespace restante::federation
