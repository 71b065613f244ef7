// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/senderkeys.h"

#include "identity/keydocument.h"
#include "matrix/jsonscan.h"
#include "sites/passage.h"
#include "sites/routes.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <utility>

namespace restante::sites
{

namespace
{
constexpr qint64 MostDocumentBytes = qint64(64) * 1024;
constexpr qsizetype MostHeldKeys = 128;
} // namespace

struct SenderKeys::Question {
    matrix::ServerName server;
    std::shared_ptr<http::Reply> reply;
    QString detail;                  ///< why the server itself gave none
    QList<node::Association> relays; ///< that were not asked yet
};

SenderKeys::SenderKeys(Sources sources, federation::Caller &caller, const node::AssociationBoard &associations,
                       const base::Clock &clock)
    : m_sources(std::move(sources))
    , m_caller(caller)
    , m_associations(associations)
    , m_clock(clock)
    , m_fetcher(m_sources.makeFetcher ? m_sources.makeFetcher() : nullptr)
    , m_alive(std::make_shared<int>(0))
{
}

SenderKeys::~SenderKeys() = default;

void SenderKeys::answer(const matrix::ServerName &server, const std::shared_ptr<http::Reply> &reply)
{
    const auto question = std::make_shared<Question>(Question{server, reply, {}, m_associations.mine()});
    const auto fetched = [this, question,
                          alive = std::weak_ptr(m_alive)](const Result<std::vector<identity::StoredKey>> &keys) {
        if (alive.expired())
            return;
        if (keys && !keys->empty()) {
            m_sources.ring.remember(*keys);
            return question->reply->json(200, keys->front().document);
        }
        question->detail = keys ? QString() : keys.error().detail;
        if (!answerHeld(*question))
            askRelays(question);
    };
    if (m_fetcher)
        m_fetcher->fetch(server, {}, {}, fetched);
    else
        fetched(Error{Errc::KeyUnavailable, QStringLiteral("keys are not fetched here"), 0});
}

bool SenderKeys::answerHeld(const Question &question) const
{
    const auto document = m_sources.document ? m_sources.document(question.server) : Result<QByteArray>(QByteArray());
    if (!document) {
        qCWarning(lcNode, "The key document of %s cannot be read: %ls", question.server.bytes().constData(),
                  qUtf16Printable(document.error().detail));
        return false;
    }
    if (document->isEmpty() || !identity::checkKeyDocument(*document, question.server, m_clock.wallMs()))
        return false;
    question.reply->json(200, *document);
    return true;
}

/// One after another: the first that has one will do.
void SenderKeys::askRelays(const SharedQuestion &question)
{
    if (question->relays.isEmpty())
        return question->reply->json(
            404, notFoundBody(QStringLiteral("No valid keys of that server could be had: ") + question->detail));
    const node::Association relay = question->relays.takeFirst();
    federation::Request request;
    request.destination = relay.relay;
    request.method = QByteArrayLiteral("GET");
    request.target = SenderKeysPath + question->server.bytes().toPercentEncoding(":");
    request.peer = relay.peer;
    request.deadlineMs = RelayMs;
    request.mostBytes = MostDocumentBytes;
    m_caller.send(std::move(request), [this, question, relay = relay.relay,
                                       alive = std::weak_ptr(m_alive)](const Result<federation::Response> &response) {
        if (alive.expired() || !question->reply->isWanted())
            return;
        auto keys = response && response->status == 200
                        ? identity::checkKeyDocument(response->body, question->server, m_clock.wallMs())
                        : Result<std::vector<identity::StoredKey>>(Error());
        if (!keys || !isBelieved(relay, *keys))
            return askRelays(question);
        m_sources.ring.remember(*keys);
        question->reply->json(200, response->body);
    });
}

/// A key that is known already is only shown to be in use still.
bool SenderKeys::isBelieved(const matrix::ServerName &relay, const std::vector<identity::StoredKey> &keys) const
{
    if (keys.empty())
        return false;
    if (m_sources.isTrusted && m_sources.isTrusted(relay))
        return true;
    const auto held = m_sources.ring.list(keys.front().server, MostHeldKeys).keys;
    return std::all_of(keys.begin(), keys.end(), [&held](const identity::StoredKey &key) {
        return key.old || std::any_of(held.begin(), held.end(), [&key](const auto &known) {
                   return known.key.keyId == key.keyId && known.key.key == key.key;
               });
    });
}

} // namespace restante::sites
