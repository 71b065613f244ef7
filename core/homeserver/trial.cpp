// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserver/trial.h"

#include "base/printable.h"
#include "identity/keydocument.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QStringList>

#include <algorithm>
#include <memory>
#include <utility>

using namespace Qt::Literals::StringLiterals;

namespace restante::homeserver
{

namespace
{
using Outcome = TrialReport::Outcome;

constexpr int ConnectMs = 5'000;
constexpr int AnswerMs = 15'000;
constexpr qint64 MostAnswerBytes = qint64(256) * 1024;
constexpr qsizetype MostTextLength = 100;

QString shortText(const QString &text)
{
    return base::printable(text.left(MostTextLength));
}

/// One trial while it runs; the callbacks of its requests hold it.
struct Trial {
    federation::Caller &caller;
    const base::Clock &clock;
    const Expected expected;
    const std::function<void(const TrialReport &)> done;
    const QByteArray place;
    const qint64 beganMs;
    TrialReport report = {};

    federation::Request request(const QByteArray &target) const
    {
        federation::Request request;
        request.destination = expected.name;
        request.method = "GET";
        request.target = target;
        request.sign = false;
        request.peer = federation::FixedPeer{place, {}};
        request.host = expected.name.bytes(); // as what is delivered has it
        request.connectMs = ConnectMs;
        request.deadlineMs = AnswerMs;
        request.mostBytes = MostAnswerBytes;
        return request;
    }
    void end(Outcome outcome, const QString &detail)
    {
        report.outcome = outcome;
        report.detail = detail;
        report.tookMs = clock.steadyMs() - beganMs;
        done(report);
    }
    /// True if there is a 200 to be looked at; else the trial has ended.
    bool isAnswered(const Result<federation::Response> &response);
    /// True if it may be a homeserver; else the trial has ended.
    bool takeVersion(const federation::Response &response);
    void takeKeys(const federation::Response &response);
};

bool Trial::isAnswered(const Result<federation::Response> &response)
{
    if (!response) {
        const bool isNonsense = response.error().code == Errc::BadAnswer;
        end(isNonsense ? Outcome::NotHomeserver : Outcome::Unreachable, response.error().detail);
        return false;
    }
    report.status = response->status;
    if (response->status == 200)
        return true;
    const QString text = u"it answered %1"_s.arg(QString::number(response->status));
    const bool isMatrix = QJsonDocument::fromJson(response->body).object().contains("errcode"_L1);
    if (response->status == 429 || response->status >= 500)
        end(Outcome::Busy, text);
    else
        end(isMatrix ? Outcome::NoFederation : Outcome::NotHomeserver, text);
    return false;
}

bool Trial::takeVersion(const federation::Response &response)
{
    const QJsonObject server = QJsonDocument::fromJson(response.body).object().value("server"_L1).toObject();
    report.software =
        shortText(u"%1 %2"_s.arg(server.value("name"_L1).toString(), server.value("version"_L1).toString()).trimmed());
    // This installation, or another one, with the homeserver's name and key: mail would go in a circle.
    if (server.value("name"_L1).toString() != "Restante"_L1)
        return true;
    end(Outcome::NotHomeserver, u"a Restante answers there"_s);
    return false;
}

void Trial::takeKeys(const federation::Response &response)
{
    const QJsonObject document = QJsonDocument::fromJson(response.body).object();
    const auto name = matrix::ServerName::parse(document.value("server_name"_L1).toString().toUtf8());
    if (!name)
        return end(Outcome::NotHomeserver, u"what it says of its keys names no server"_s);
    report.serverName = name->toString();
    report.keyIds = shortText(document.value("verify_keys"_L1).toObject().keys().join(", "_L1));
    const auto keys = identity::checkKeyDocument(response.body, *name, clock.wallMs());
    if (!keys)
        return end(Outcome::BadKeys, keys.error().detail);
    if (*name != expected.name)
        return end(Outcome::OtherServer,
                   u"it is %1, but this installation is %2"_s.arg(name->toString(), expected.name.toString()));
    const bool isOurs = std::any_of(keys->begin(), keys->end(), [this](const identity::StoredKey &key) {
        return !key.old && key.keyId == expected.keyId && key.key == expected.key;
    });
    if (!isOurs)
        return end(Outcome::OtherKey, u"it signs with %1, but this installation has another key, %2"_s.arg(
                                          report.keyIds, QString::fromLatin1(expected.keyId)));
    end(Outcome::Works, u"it is %1"_s.arg(name->toString()));
}
} // namespace

void tryHomeserver(federation::Caller &caller, const base::Clock &clock, const QByteArray &place, Expected expected,
                   std::function<void(const TrialReport &)> done)
{
    const std::shared_ptr<Trial> trial(
        new Trial{caller, clock, std::move(expected), std::move(done), place, clock.steadyMs()});
    trial->report.expected = trial->expected.name.toString();
    trial->report.place = QString::fromLatin1(place);
    caller.send(trial->request("/_matrix/federation/v1/version"), [trial](const Result<federation::Response> &version) {
        if (!trial->isAnswered(version) || !trial->takeVersion(*version))
            return;
        trial->caller.send(trial->request("/_matrix/key/v2/server"), [trial](const Result<federation::Response> &keys) {
            if (trial->isAnswered(keys))
                trial->takeKeys(*keys);
        });
    });
}

} // namespace restante::homeserver
