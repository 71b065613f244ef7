// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/client.h"

#include "base/mailbox.h"
#include "federation/doorway.h"
#include "federation/engine.h"

#include <QtCore/QThread>

#include <utility>
#include <variant>

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
    Id send(Request request, Done done, Part part = {})
    {
        Q_ASSERT(QThread::currentThread() == m_thread);
        const Id id = m_doorway->nextId();
        const bool streams = part != nullptr;
        m_waiting.insert(id, {std::move(done), std::move(part)});
        const bool posted =
            m_doorway->post([id, streams, replies = m_replies, request = std::move(request)](Engine &engine) {
                Engine::Part onPart;
                if (streams)
                    onPart = [id, replies](Result<QByteArray> piece) { replies->post({id, std::move(piece)}); };
                const auto onDone = [id, replies](Result<Response> result) {
                    if (!result && result.error().code == Errc::NotFound)
                        result = Error{Errc::Unreachable, result.error().detail, 0, result.error().notSent};
                    replies->post({id, std::move(result)});
                };
                engine.start(id, request, onDone, onPart);
            });
        if (!posted) {
            const Error stopping{Errc::Unreachable, QStringLiteral("The program is stopping"), 0};
            m_box.post({id, Result<Response>(stopping)});
        }
        return id;
    }
    void goOn(Id id, qint64 bytes)
    {
        if (m_waiting.contains(id))
            m_doorway->post([id, bytes](Engine &engine) { engine.goOn(id, bytes); });
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
        std::variant<Result<Response>, Result<QByteArray>> what; ///< a head or a whole answer; a piece
    };
    struct Waiting {
        Done done;
        Part part; ///< null if the answer comes whole
    };

    void deliver(std::vector<Answer> answers)
    {
        for (Answer &answer : answers) {
            if (!m_waiting.contains(answer.id))
                continue; // cancelled, perhaps by one of those before
            if (auto *whole = std::get_if<Result<Response>>(&answer.what)) {
                const Waiting waiting = m_waiting.value(answer.id);
                if (!waiting.part || !*whole)
                    m_waiting.remove(answer.id);
                waiting.done(std::move(*whole));
            } else if (auto *piece = std::get_if<Result<QByteArray>>(&answer.what)) {
                const bool isLast = !*piece || (*piece)->isEmpty();
                const Part part = isLast ? m_waiting.take(answer.id).part : m_waiting.value(answer.id).part;
                part(std::move(*piece));
            }
        }
    }

    std::shared_ptr<Doorway> m_doorway;
    QThread *m_thread = QThread::currentThread();
    QHash<Id, Waiting> m_waiting;
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

Port::Id Port::stream(Request request, Done done, Part part)
{
    return d->send(std::move(request), std::move(done), std::move(part));
}

void Port::goOn(Id id, qint64 bytes)
{
    d->goOn(id, bytes);
}

void Port::cancel(Id id)
{
    d->cancel(id);
}

} // namespace restante::federation
