// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/relaytrial.h"

#include "base/printable.h"
#include "matrix/jsonscan.h"
#include "node/relayanswer.h"
#include "node/relaywire.h"

#include <memory>
#include <optional>

namespace restante::node
{

namespace
{
using Outcome = RelayReport::Outcome;

Outcome outcomeOf(Errc code)
{
    switch (code) {
    case Errc::AddressRefused:
        return Outcome::AddressRefused;
    case Errc::CertificateRefused:
        return Outcome::CertificateRefused;
    case Errc::AuthoritiesUnreadable:
        return Outcome::NotAsked;
    case Errc::BadAnswer:
        return Outcome::BadAnswer;
    case Errc::Busy:
        return Outcome::Busy;
    default:
        return Outcome::Unreachable;
    }
}

Outcome outcomeOf(int status)
{
    switch (status) {
    case 401:
        return Outcome::WrongServer;
    case 403:
        return Outcome::Refused;
    case 404:
    case 405:
        return Outcome::NotARelay;
    case 429:
        return Outcome::Busy;
    default:
        return status >= 500 ? Outcome::Busy : Outcome::BadAnswer;
    }
}

/// What no other server answers, whether or not anything is held.
bool isRelayAnswer(const QByteArray &body)
{
    const auto scanned = matrix::ScannedObject::scan(body, matrix::MaxJsonDepth + matrix::EnvelopeLevels);
    return scanned && scanned->find("transaction") && scanned->find("entries_queued");
}

/// What a 200 for our own queue shows: only what could be collected from works.
RelayReport judgeQueue(const federation::Response &response)
{
    RelayReport report;
    report.status = response.status;
    if (const QString said = answerText(response); said != QString::number(response.status)) // it names an error
        report.answer = said;
    const auto read = readRelayAnswer(response.body, {}, {});
    const bool isRelay = isRelayAnswer(response.body);
    if (read && isRelay) {
        report.outcome = Outcome::Works;
        report.detail = QStringLiteral("The relay answered 200");
    } else {
        const bool isOdd = !report.answer.isEmpty() || isRelay;
        report.outcome = isOdd ? Outcome::BadAnswer : Outcome::NotARelay;
        report.detail = isOdd && !read ? read.error().detail : refusalOf(response).detail;
    }
    return report;
}

/// What a relay says of a mailbox.
struct MailboxAnswer {
    bool yes = false; ///< it takes in that mail
    bool paused = false;
    bool full = false; ///< there was no room for what came last; older relays do not say
    QString words;     ///< why not
};

bool isTrue(const matrix::JsonSlice *slice)
{
    return slice && slice->kind == matrix::JsonKind::True;
}

QString quoted(const matrix::JsonSlice *slice)
{
    const auto text = slice ? slice->toText() : std::nullopt;
    return base::printable(QString::fromUtf8(text.value_or(QByteArray())).simplified().left(MostQuoted));
}

/// Nothing if it does not answer this question.
std::optional<MailboxAnswer> readMailbox(const federation::Response &response, const matrix::ServerName &about,
                                         bool mine)
{
    const auto body = response.status == 200 ? matrix::ScannedObject::scan(response.body)
                                             : Result<matrix::ScannedObject>(Errc::BadAnswer, {});
    if (!body)
        return std::nullopt;
    const matrix::JsonSlice *name = body->find("server_name");
    const matrix::JsonSlice *yes = body->find(mine ? "holds" : "accepts");
    const bool isBool = yes && (yes->kind == matrix::JsonKind::True || yes->kind == matrix::JsonKind::False);
    if (!isBool || !name || name->toText() != about.bytes())
        return std::nullopt;
    const QString errcode = quoted(body->find("errcode"));
    const QString words = quoted(body->find(mine ? "reason" : "error"));
    return MailboxAnswer{isTrue(yes), isTrue(body->find("paused")), isTrue(body->find("full")),
                         errcode.isEmpty() ? words : errcode + QStringLiteral(": ") + words};
}
} // namespace

std::optional<Error> trialError(const RelayReport &report)
{
    const auto error = [&report](Errc code) { return Error{code, report.detail, 0}; };
    switch (report.outcome) {
    case Outcome::Works:
    case Outcome::CannotSay:
    case Outcome::NotHeld:
    case Outcome::Paused:
        return std::nullopt;
    case Outcome::Unreachable:
        return error(Errc::Unreachable);
    case Outcome::AddressRefused:
        return error(Errc::AddressRefused);
    case Outcome::CertificateRefused:
        return error(Errc::CertificateRefused);
    case Outcome::NotAsked:
        return error(Errc::AuthoritiesUnreadable);
    case Outcome::WrongServer:
    case Outcome::Refused:
        return error(Errc::Refused);
    case Outcome::NotARelay:
        return error(Errc::NotFound);
    case Outcome::Busy:
        return error(Errc::Busy);
    case Outcome::BadAnswer:
        break;
    }
    return error(Errc::BadAnswer);
}

RelayReport judgeTrial(const Result<federation::Response> &response)
{
    RelayReport report;
    if (!response) {
        report.outcome = outcomeOf(response.error().code);
        report.detail = response.error().detail;
        return report;
    }
    if (response->status == 200)
        return judgeQueue(*response);
    report.status = response->status;
    report.outcome = outcomeOf(response->status);
    report.answer = answerText(*response);
    report.detail = QStringLiteral("The relay answered ") + report.answer;
    return report;
}

RelayReport judgeMailbox(RelayReport report, const Result<federation::Response> &response,
                         const matrix::ServerName &about)
{
    report.outcome = Outcome::CannotSay;
    const QString whether = report.mine ? QStringLiteral("whether it holds mail for this server")
                                        : QStringLiteral("whether it takes mail for ") + about.toString();
    if (!response) {
        report.detail = QStringLiteral("Asked %1: %2").arg(whether, response.error().detail);
        return report;
    }
    const auto told = readMailbox(*response, about, report.mine);
    if (!told) {
        report.answer = answerText(*response);
        report.detail = QStringLiteral("Asked %1, it answered %2").arg(whether, report.answer);
        return report;
    }
    const bool notNow = told->paused || told->full;
    report.outcome = told->yes ? (notNow ? Outcome::Paused : Outcome::Works) : Outcome::NotHeld;
    report.answer = told->words;
    report.detail = told->yes ? QStringLiteral("Asked %1, it says yes").arg(whether)
                              : QStringLiteral("Asked %1, it says no").arg(whether);
    if (notNow)
        report.detail += QStringLiteral(", but that it takes in nothing at the moment");
    if (!told->words.isEmpty())
        report.detail += QStringLiteral(": ") + told->words;
    return report;
}

namespace
{
/// A trial under way; the requests' completions keep it.
class Trial : public std::enable_shared_from_this<Trial>
{
public:
    Trial(federation::Caller &caller, const base::Clock &clock, Association relay, matrix::ServerName ownName,
          std::function<void(const RelayReport &)> done)
        : m_caller(caller)
        , m_clock(clock)
        , m_relay(std::move(relay))
        , m_ownName(std::move(ownName))
        , m_done(std::move(done))
    {
    }

    /// `offsetMs`: of the relay's clock to ours, if that is known.
    void askForQueue(std::optional<qint64> offsetMs)
    {
        const Stamp stamp = newStamp(m_clock.wallMs() + offsetMs.value_or(0));
        m_caller.send(
            request(relayTxnTarget(m_ownName), relayTxnBody({}, std::nullopt, stamp)),
            [trial = shared_from_this(), offsetMs](const auto &response) { trial->onQueue(response, offsetMs); });
    }

private:
    static constexpr int TrialMs = 15'000; ///< for each of the requests

    federation::Request request(QByteArray target, QByteArray body) const
    {
        federation::Request request;
        request.destination = m_relay.relay;
        request.method = QByteArrayLiteral("GET");
        request.target = std::move(target);
        request.body = std::move(body);
        request.peer = m_relay.peer;
        request.deadlineMs = TrialMs;
        return request;
    }

    void onQueue(const Result<federation::Response> &response, std::optional<qint64> offsetMs)
    {
        if (response && isNotFresh(*response) && !offsetMs) {
            if (const auto offset = clockOffsetMs(*response, m_clock.wallMs()))
                return askForQueue(offset);
        }
        RelayReport report = judgeTrial(response);
        report.mine = m_relay.isMine(m_ownName);
        if (report.outcome != Outcome::Works)
            return m_done(report);
        const matrix::ServerName about = report.mine ? m_ownName : m_relay.destination;
        m_caller.send(request(mailboxTarget(about), {}),
                      [trial = shared_from_this(), report, about](const auto &answer) {
                          trial->m_done(judgeMailbox(report, answer, about));
                      });
    }

    federation::Caller &m_caller;
    const base::Clock &m_clock;
    const Association m_relay;
    const matrix::ServerName m_ownName;
    const std::function<void(const RelayReport &)> m_done;
};
} // namespace

void tryRelay(federation::Caller &caller, const base::Clock &clock, const Association &relay,
              const matrix::ServerName &ownName, std::function<void(const RelayReport &)> done)
{
    std::make_shared<Trial>(caller, clock, relay, ownName, std::move(done))->askForQueue(std::nullopt);
}

} // namespace restante::node
