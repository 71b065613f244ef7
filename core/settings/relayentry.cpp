// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/relayentry.h"

#include "settings/enteredname.h"

#include <QtCore/QRegularExpression>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

std::optional<RelayProblem> parse(const RelayTexts &texts, RelayEntry &out)
{
    out = {};
    out.petname = texts.petname;
    out.overlay = texts.overlay;
    if (const auto wrong = parse(texts.relay, out.relay))
        return RelayProblem{RelayPart::Relay, *wrong};
    if (const auto wrong = parse(texts.url, out.url))
        return RelayProblem{RelayPart::Url, *wrong};
    if (const auto wrong = parsePin(texts.pin, out.pin))
        return RelayProblem{RelayPart::Pin, *wrong};
    if (const auto wrong = texts.destination.isEmpty() ? std::nullopt : parse(texts.destination, out.destination))
        return RelayProblem{RelayPart::Destination, *wrong};
    return {};
}

MaybeComplaint parsePin(const QString &text, QByteArray &out)
{
    static const QRegularExpression sha256(u"^[0-9a-fA-F]{64}\\z"_s);
    if (!text.isEmpty() && !sha256.match(text).hasMatch())
        return Complaint{ComplaintCode::NotAPin, {text}};
    out = QByteArray::fromHex(text.toLatin1());
    return {};
}

std::optional<RelayProblem> relayProblem(const RelayEntry &entry)
{

    constexpr qsizetype mostPetname = 200;
    const QString name = entry.relay.toString();
    if (entry.relay.isNull())
        return RelayProblem{RelayPart::Relay, {ComplaintCode::NotAServerName, {name}}};
    if (entry.url.isNull() && entry.relay.kind() == matrix::ServerName::Kind::Ed25519)
        return RelayProblem{RelayPart::Url, {ComplaintCode::KeyWithoutUrl, {name}}};
    if (!entry.url.isNull() && !entry.url.isTls() && !entry.overlay && !entry.url.isLoopback())
        return RelayProblem{RelayPart::Url, {ComplaintCode::Unencrypted, {entry.url.toString()}}};
    if (!entry.pin.isEmpty() && !entry.url.isTls())
        return RelayProblem{RelayPart::Pin, {ComplaintCode::PinWithoutTls}};
    if (entry.petname.size() > mostPetname)
        return RelayProblem{RelayPart::Petname, {ComplaintCode::LongPetname, {name, QString::number(mostPetname)}}};
    return {};
}

QJsonObject relayToJson(const RelayEntry &entry)
{
    QJsonObject object{{u"relay"_s, entry.relay.toString()}};
    const auto add = [&object](const QString &key, const QString &text) {
        if (!text.isEmpty())
            object.insert(key, text);
    };
    add(u"url"_s, entry.url.toString());
    add(u"pin"_s, entry.pinText());
    add(u"destination"_s, entry.destination.toString());
    add(u"petname"_s, entry.petname);
    if (entry.overlay)
        object.insert(u"overlay"_s, true);
    return object;
}

bool relayFromJson(const QJsonObject &object, RelayTexts &texts)
{
    texts = {};
    const auto take = [&object](const QString &key, QString &text) {
        const auto value = object.value(key);
        text = value.toString();
        return value.isString() || value.isUndefined();
    };
    const auto overlay = object.value(u"overlay"_s);
    texts.overlay = overlay.toBool();
    return object.value(u"relay"_s).isString() && take(u"relay"_s, texts.relay) && take(u"url"_s, texts.url) &&
           take(u"pin"_s, texts.pin) && take(u"destination"_s, texts.destination) &&
           take(u"petname"_s, texts.petname) && (overlay.isUndefined() || overlay.isBool());
}

bool relayFromText(const QString &text, RelayTexts &texts)
{
    constexpr qsizetype mostWords = 3;
    const QStringList words = text.simplified().split(u' ', Qt::SkipEmptyParts);
    if (words.isEmpty() || words.size() > mostWords)
        return false;
    texts = {words.at(0), words.value(1), {}, words.value(2), {}, false};
    return true;
}

} // namespace restante::settings
