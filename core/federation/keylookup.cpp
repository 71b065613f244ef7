// SPDX-License-Identifier: GPL-3.0-or-later
#include "federation/keylookup.h"

#include "federation/client.h"
#include "federation/doorway.h"
#include "federation/engine.h"
#include "federation/keydesk.h"

#include <utility>

namespace restante::federation
{

namespace
{
using Keys = KeyDesk::Keys;
using DeskHolder = std::shared_ptr<std::unique_ptr<KeyDesk>>;

/// One thread's fetcher. The closures stay in that thread; only a number travels.
class ThreadKeyFetcher final : public identity::KeyFetcher
{
public:
    ThreadKeyFetcher(std::shared_ptr<Doorway> doorway, DeskHolder desk)
        : m_doorway(std::move(doorway))
        , m_desk(std::move(desk))
        , m_box([this](std::vector<Answer> answers) { deliver(std::move(answers)); })
        , m_replies(std::make_shared<ReplyBox<Answer>>(&m_box))
    {
    }
    ~ThreadKeyFetcher() override { m_replies->close(); }

    void fetch(const matrix::ServerName &server, const QByteArray &keyId, const QByteArray &addressKey,
               Done done) override
    {
        const quint64 token = ++m_last;
        m_waiting.emplace(token, std::move(done));
        const bool posted =
            m_doorway->post([desk = m_desk, replies = m_replies, token, server, keyId, addressKey](Engine &) {
                (*desk)->fetch(server, keyId, addressKey, [replies, token](Result<Keys> result) {
                    replies->post({token, std::move(result)});
                });
            });
        if (!posted)
            m_waiting.take(token)({Errc::KeyUnavailable, QStringLiteral("The program is stopping")});
    }

private:
    struct Answer {
        quint64 token = 0;
        Result<Keys> result;
    };

    void deliver(std::vector<Answer> answers)
    {
        for (Answer &answer : answers) {
            if (const Done done = m_waiting.take(answer.token))
                done(std::move(answer.result));
        }
    }

    std::shared_ptr<Doorway> m_doorway;
    DeskHolder m_desk;
    quint64 m_last = 0;
    QHash<quint64, Done> m_waiting;
    base::Mailbox<Answer> m_box;
    std::shared_ptr<ReplyBox<Answer>> m_replies;
};
} // namespace

KeyLookup::KeyLookup(const Client &client, identity::KeyRing &ring, Options options, const base::Clock &clock)
    : m_doorway(client.doorway())
    , m_desk(std::make_shared<std::unique_ptr<KeyDesk>>())
{
    // The desk lives in the engine's thread and not longer than the doorway is open.
    Doorway *const doorway = m_doorway.get();
    m_doorway->post([desk = m_desk, doorway, &ring, options = std::move(options), &clock](Engine &engine) {
        const auto send = [&engine, doorway](Request request, Caller::Done done) {
            engine.start(doorway->nextId(), std::move(request), std::move(done));
        };
        *desk = std::make_unique<KeyDesk>(send, ring, options, clock);
    });
}

KeyLookup::~KeyLookup()
{
    m_doorway->perform([this](Engine &) { m_desk->reset(); });
}

void KeyLookup::setServed(QList<matrix::ServerName> served)
{
    m_doorway->post([desk = m_desk, served = std::move(served)](Engine &) { (*desk)->setServed(served); });
}

void KeyLookup::forget(const matrix::ServerName &server)
{
    m_doorway->post([desk = m_desk, server](Engine &) { (*desk)->forget(server); });
}

std::unique_ptr<identity::KeyFetcher> KeyLookup::makeFetcher() const
{
    return std::make_unique<ThreadKeyFetcher>(m_doorway, m_desk);
}

} // namespace restante::federation
