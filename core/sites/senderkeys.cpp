// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/senderkeys.h"

#include "identity/keydocument.h"
#include "matrix/jsonscan.h"
#include "sites/passage.h"
#include "sites/routes.h"
#include "telemetry/logging.h"

#include <QtCore/QTimer>

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
    std::shared_ptr<http::Reply> reply; ///< null once it is answered
    qint64 beganMs = 0;                 ///< steady clock
    QString detail = {};                ///< why the server itself gave none
    bool isServerAsked = false;         ///< and has not answered yet
    bool isElsewhere = false;           ///< it was looked for elsewhere
    int relays = 0;                     ///< that have not answered yet

    void answer(int status, const QByteArray &body) { std::exchange(reply, nullptr)->json(status, body); }
};

SenderKeys::SenderKeys(Sources sources, federation::Caller &caller, const node::AssociationBoard &associations,
                       const base::Clock &clock)
    : m_sources(std::move(sources))
    , m_caller(caller)
    , m_associations(associations)
    , m_clock(clock)
    , m_fetcher(m_sources.makeFetcher ? m_sources.makeFetcher() : nullptr)
    , m_silent(clock)
    , m_alive(std::make_shared<int>(0))
{
}

SenderKeys::~SenderKeys() = default;

void SenderKeys::answer(const matrix::ServerName &server, const std::shared_ptr<http::Reply> &reply)
{
    const auto question = std::make_shared<Question>(Question{server, reply, m_clock.steadyMs()});
    const auto silent = m_silent.whySilent(server);
    if (silent || !m_fetcher) {
        question->detail = silent.value_or(QStringLiteral("keys are not fetched here"));
        return lookElsewhere(question);
    }
    question->isServerAsked = true;
    m_fetcher->fetch(
        server, {}, {},
        [this, question, alive = std::weak_ptr(m_alive)](const Result<std::vector<identity::StoredKey>> &keys) {
            if (alive.expired())
                return;
            onServer(*question, keys);
            if (question->reply)
                lookElsewhere(question);
        });
    if (!question->isServerAsked)
        return;
    QTimer::singleShot(m_sources.headStartMs, &m_headStarts, [this, question] {
        if (question->isServerAsked)
            lookElsewhere(question);
    });
}

void SenderKeys::onServer(Question &question, const Result<std::vector<identity::StoredKey>> &keys)
{
    question.isServerAsked = false;
    if (keys && !keys->empty()) {
        m_sources.ring.remember(*keys);
        m_silent.noteAnswered(question.server);
        if (question.reply)
            question.answer(200, keys->front().document);
        return;
    }
    question.detail = keys ? QString() : keys.error().detail;
    m_silent.noteFailed(question.server, question.beganMs, question.detail);
}

/// Here, and at my relays; in vain when these and the server have failed.
void SenderKeys::lookElsewhere(const SharedQuestion &question)
{
    if (!std::exchange(question->isElsewhere, true) && !answerHeld(*question)) {
        const auto relays = m_associations.mine();
        for (const node::Association &relay : relays) {
            if (!m_silent.whySilent(relay.relay))
                askRelay(question, relay);
        }
    }
    tellOfNone(*question);
}

void SenderKeys::tellOfNone(Question &question)
{
    if (question.reply && !question.isServerAsked && question.relays == 0)
        question.answer(404,
                        notFoundBody(QStringLiteral("No valid keys of that server could be had: ") + question.detail));
}

bool SenderKeys::answerHeld(Question &question) const
{
    const auto document = m_sources.document ? m_sources.document(question.server) : Result<QByteArray>(QByteArray());
    if (!document) {
        qCWarning(lcNode, "The key document of %s cannot be read: %ls", question.server.bytes().constData(),
                  qUtf16Printable(document.error().detail));
        return false;
    }
    if (document->isEmpty() || !identity::checkKeyDocument(*document, question.server, m_clock.wallMs()))
        return false;
    question.answer(200, *document);
    return true;
}

void SenderKeys::askRelay(const SharedQuestion &question, const node::Association &relay)
{
    federation::Request request;
    request.destination = relay.relay;
    request.method = QByteArrayLiteral("GET");
    request.target = SenderKeysPath + question->server.bytes().toPercentEncoding(":");
    request.peer = relay.peer;
    request.deadlineMs = RelayMs;
    request.mostBytes = MostDocumentBytes;
    ++question->relays;
    m_caller.send(std::move(request), [this, question, relay = relay.relay, beganMs = m_clock.steadyMs(),
                                       alive = std::weak_ptr(m_alive)](const Result<federation::Response> &response) {
        if (alive.expired())
            return;
        --question->relays;
        if (response)
            m_silent.noteAnswered(relay);
        else
            m_silent.noteFailed(relay, beganMs, response.error().detail);
        if (!question->reply || !question->reply->isWanted())
            return;
        auto keys = response && response->status == 200
                        ? identity::checkKeyDocument(response->body, question->server, m_clock.wallMs())
                        : Result<std::vector<identity::StoredKey>>(Error());
        if (!keys || !isBelieved(relay, *keys))
            return tellOfNone(*question);
        m_sources.ring.remember(*keys);
        question->answer(200, response->body);
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
