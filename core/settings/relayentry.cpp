// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/relayentry.h"

#include "matrix/servername.h"
#include "settings/listenaddress.h"

#include <QtCore/QRegularExpression>
#include <QtCore/QUrl>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

namespace
{
constexpr qsizetype MostPetname = 200;

/// A literal loopback address. Names are not resolved: what "localhost" leads to is somebody else's word.
bool isLoopback(const QString &host)
{
    const auto address = parseAddress(host);
    return address && address->isLoopback();
}

QString urlProblem(const RelayEntry &entry)
{
    const QUrl url(entry.url, QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() || (url.scheme() != "https"_L1 && url.scheme() != "http"_L1))
        return u"\"%1\" is no address; write https://host:port"_s.arg(entry.url);
    if (!entry.url.contains(url.host(), Qt::CaseInsensitive)) // 127.1 and the like: QUrl reads more than stands there
        return u"\"%1\" is not written in the ordinary way"_s.arg(entry.url);
    if (!url.userInfo().isEmpty() || url.hasQuery() || url.hasFragment() || url.path().size() > 1)
        return u"\"%1\" must be only https://host:port, nothing before or after"_s.arg(entry.url);
    if (url.scheme() == "http"_L1 && !entry.overlay && !isLoopback(url.host()))
        return u"http:// is not encrypted; it is allowed to this computer, or over a network that encrypts"_s;
    return {};
}
} // namespace

std::optional<RelayProblem> relayProblem(const RelayEntry &entry)
{
    const auto name = matrix::ServerName::parse(entry.relay.toUtf8());
    if (!name)
        return RelayProblem{RelayPart::Relay, u"\"%1\" is not a server name"_s.arg(entry.relay)};
    if (entry.url.isEmpty()) {
        if (name->kind() == matrix::ServerName::Kind::Ed25519)
            return RelayProblem{RelayPart::Url,
                                u"a server whose name is a key cannot be found by it; say where it is"_s};
    } else if (const QString wrong = urlProblem(entry); !wrong.isEmpty()) {
        return RelayProblem{RelayPart::Url, wrong};
    }
    static const QRegularExpression sha256(u"^[0-9a-fA-F]{64}\\z"_s);
    if (!entry.pin.isEmpty() && !sha256.match(entry.pin).hasMatch())
        return RelayProblem{RelayPart::Pin, u"a pin is the 64 hexadecimal digits of a SHA-256"_s};
    if (!entry.pin.isEmpty() && !entry.url.startsWith("https://"_L1))
        return RelayProblem{RelayPart::Pin, u"a pin needs an https:// address"_s};
    if (!entry.destination.isEmpty() && !matrix::ServerName::parse(entry.destination.toUtf8()))
        return RelayProblem{RelayPart::Destination, u"\"%1\" is not a server name"_s.arg(entry.destination)};
    if (entry.petname.size() > MostPetname)
        return RelayProblem{RelayPart::Petname, u"the name is longer than %1 characters"_s.arg(MostPetname)};
    return {};
}

QJsonObject relayToJson(const RelayEntry &entry)
{
    QJsonObject object{{u"relay"_s, entry.relay}};
    const auto add = [&object](const QString &key, const QString &text) {
        if (!text.isEmpty())
            object.insert(key, text);
    };
    add(u"url"_s, entry.url);
    add(u"pin"_s, entry.pin);
    add(u"destination"_s, entry.destination);
    add(u"petname"_s, entry.petname);
    if (entry.overlay)
        object.insert(u"overlay"_s, true);
    return object;
}

bool relayFromJson(const QJsonObject &object, RelayEntry &entry)
{
    entry = {};
    const auto take = [&object](const QString &key, QString &text) {
        const auto value = object.value(key);
        text = value.toString();
        return value.isString() || value.isUndefined();
    };
    const auto overlay = object.value(u"overlay"_s);
    entry.overlay = overlay.toBool();
    return object.value(u"relay"_s).isString() && take(u"relay"_s, entry.relay) && take(u"url"_s, entry.url) &&
           take(u"pin"_s, entry.pin) && take(u"destination"_s, entry.destination) &&
           take(u"petname"_s, entry.petname) && (overlay.isUndefined() || overlay.isBool());
}

bool relayFromText(const QString &text, RelayEntry &entry)
{
    constexpr qsizetype mostWords = 3;
    const QStringList words = text.simplified().split(u' ', Qt::SkipEmptyParts);
    if (words.isEmpty() || words.size() > mostWords)
        return false;
    entry = {};
    entry.relay = words.at(0);
    entry.url = words.value(1);
    entry.destination = words.value(2);
    return true;
}

} // namespace restante::settings
