// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/givenupwatch.h"

#include "matrix/edu.h"
#include "matrix/entryid.h"
#include "matrix/jsonscan.h"
#include "telemetry/logging.h"

#include <algorithm>
#include <utility>

namespace restante::node
{

namespace
{
constexpr qint64 GivenUpAnswerBytes = qint64(4) << 20;
constexpr qsizetype MostGivenUp = 10'000;
constexpr int MostLoggedGivenUp = 10; ///< servers, of one answer

qint64 numberIn(const matrix::JsonSlice &object, QByteArrayView name)
{
    return std::clamp<qint64>(matrix::memberOf(object, name).toInteger().value_or(0), 0, matrix::EntryId::Largest);
}

QString whyOf(const GivenUpMail &mail)
{
    const QString late = QStringLiteral("that server did not come back in time");
    const QString thrown = QStringLiteral("its operator discarded them");
    if (mail.discarded == 0)
        return late;
    return mail.discarded == mail.transactions
               ? thrown
               : QStringLiteral("for %1 of them %2, and its operator discarded the others")
                     .arg(mail.transactions - mail.discarded)
                     .arg(late);
}
} // namespace

QHash<matrix::ServerName, GivenUpMail> readGivenUp(const QByteArray &body)
{
    QHash<matrix::ServerName, GivenUpMail> found;
    const auto answer = matrix::ScannedObject::scan(body);
    const matrix::JsonSlice *list = answer ? answer->find("given_up") : nullptr;
    if (!list || list->kind != matrix::JsonKind::Array)
        return found;
    for (const matrix::JsonSlice &element : matrix::elementsOf(*list, MostGivenUp)) {
        const auto destination =
            matrix::ServerName::parse(matrix::memberOf(element, "destination").toText().value_or(QByteArray()));
        if (!destination)
            continue;
        const qint64 transactions = numberIn(element, "transactions");
        found.insert(*destination, {transactions, numberIn(element, "last_ts"),
                                    std::min(numberIn(element, "discarded"), transactions)});
    }
    return found;
}

GivenUpWatch::GivenUpWatch(federation::Caller &caller, AssociationBoard &board, std::function<void()> changed)
    : m_caller(caller)
    , m_board(board)
    , m_changed(std::move(changed))
{
    m_timer.setTimerType(Qt::VeryCoarseTimer);
    m_timer.setInterval(AskMs);
    m_timer.callOnTimeout([this] { ask(); });
}

GivenUpWatch::~GivenUpWatch()
{
    for (const auto &[relay, call] : m_asking)
        m_caller.cancel(call);
}

void GivenUpWatch::ask()
{
    const QList<Association> relays = m_board.ownRelays();
    if (relays.isEmpty())
        return m_timer.stop();
    m_timer.start();
    for (const Association &relay : relays) {
        if (m_asking.contains(relay.relay))
            continue;
        federation::Request request;
        request.destination = relay.relay;
        request.method = QByteArrayLiteral("GET");
        request.target = QByteArrayLiteral("/_matrix/federation/unstable/org.restante/sent");
        request.peer = relay.peer;
        request.deadlineMs = AnswerMs;
        request.mostBytes = GivenUpAnswerBytes;
        m_asking[relay.relay] =
            m_caller.send(std::move(request), [this, name = relay.relay](const Result<federation::Response> &response) {
                m_asking.erase(name);
                onAnswer(name, response);
            });
    }
}

/// One that cannot be asked is asked again an hour later: what it says is not urgent, and it says it for 90 days.
void GivenUpWatch::onAnswer(const matrix::ServerName &relay, const Result<federation::Response> &response)
{
    if (!response || response->status != 200)
        return;
    const auto mail = readGivenUp(response->body);
    const auto before = m_board.setGivenUp(relay, mail);
    if (!before || *before == mail)
        return;
    int news = 0;
    for (auto each = mail.begin(); each != mail.end(); ++each) {
        if (each->transactions > before->value(each.key()).transactions && news++ < MostLoggedGivenUp)
            qCWarning(lcNode).noquote() << "The relay" << relay.toString() << "has given up" << each->transactions
                                        << "transactions for" << each.key().toString() << "so far:" << whyOf(*each);
    }
    if (news > MostLoggedGivenUp)
        qCWarning(lcNode).noquote() << "The relay" << relay.toString() << "has given up transactions for"
                                    << news - MostLoggedGivenUp << "more servers";
    m_changed();
}

} // namespace restante::node
