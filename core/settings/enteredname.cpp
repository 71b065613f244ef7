// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/enteredname.h"

#include <QtCore/QSet>

#include <algorithm>

namespace restante::settings
{

namespace
{

constexpr qsizetype KeyDigits = 64;
constexpr qsizetype LikelyAKey = 48;   // hexadecimal digits and nothing else: no domain looks like that
constexpr qsizetype MostOfALabel = 63; // RFC 1035, 2.3.4

bool isHex(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

bool isNumber(QByteArrayView text)
{
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// What is wrong with the host of `name`, which the grammar allows.
MaybeComplaint hostProblem(const matrix::ServerName &name)
{
    const QString text = name.toString();
    const QByteArray host = name.host().toByteArray();
    if (host.size() >= LikelyAKey && isHex(host)) {
        if (host.size() != KeyDigits)
            return Complaint{ComplaintCode::OddKeyDigits, {text, QString::number(host.size())}};
        return name.port() ? MaybeComplaint(Complaint{ComplaintCode::KeyWithPort, {text}}) : std::nullopt;
    }
    const QByteArrayList labels = host.split('.');
    for (const QByteArray &label : labels) {
        if (label.isEmpty())
            return Complaint{ComplaintCode::EmptyLabel, {text}};
        if (label.size() > MostOfALabel)
            return Complaint{ComplaintCode::LongLabel, {text, QString::number(MostOfALabel)}};
        if (label.startsWith('-') || label.endsWith('-'))
            return Complaint{ComplaintCode::HyphenAtEnd, {text}};
    }
    return isNumber(labels.last()) ? MaybeComplaint(Complaint{ComplaintCode::NumberAtEnd, {text}}) : std::nullopt;
}

/// Calls `visit` with each server name in `settings` and the key of its setting; null, which is "mine", is left out.
template <typename Visit>
void forEachName(const Settings &settings, Visit visit)
{
    const auto visitAll = [&visit](QStringView key, const QList<matrix::ServerName> &names) {
        for (const auto &name : names)
            visit(key, name);
    };
    visitAll(u"relay.blocked_origins", settings.blockedOrigins);
    visitAll(u"relay.sends_for", settings.sendsFor);
    visitAll(u"federation.notaries", settings.notaries);
    for (const auto &entry : settings.served) {
        visit(u"relay.served", entry.name);
        visitAll(u"relay.served", entry.knownOrigins);
    }
    for (const auto &entry : settings.relays) {
        visit(u"node.relays", entry.relay);
        if (!entry.destination.isNull())
            visit(u"node.relays", entry.destination);
    }
    for (const auto &entry : settings.ownRelays)
        visit(u"node.own_relays", entry.relay);
    for (const auto &pair : settings.unproven.pairs()) {
        visit(u"node.unproven", pair.relay);
        visit(u"node.unproven", pair.origin);
    }
}
} // namespace

QString tidiedName(const QString &text)
{
    const QString name = text.trimmed();
    return name.size() == KeyDigits && isHex(name.toUtf8()) ? name.toLower() : name;
}

MaybeComplaint parse(const QString &text, matrix::ServerName &out)
{
    const QString tidied = tidiedName(text);
    auto name = matrix::ServerName::parse(tidied.toUtf8());
    if (!name)
        return Complaint{ComplaintCode::NotAServerName, {tidied}};
    out = *std::move(name);
    return {};
}

MaybeComplaint whyImpossible(const matrix::ServerName &name)
{
    if (name.port() == 0)
        return Complaint{ComplaintCode::PortZero, {name.toString()}};
    return name.kind() == matrix::ServerName::Kind::Dns ? hostProblem(name) : std::nullopt;
}

MaybeComplaint parseEntered(const QString &text, matrix::ServerName &out)
{
    if (auto wrong = parse(text, out))
        return wrong;
    return whyImpossible(out);
}

MaybeComplaint checkNewNames(const Settings &before, const Settings &edited)
{
    QSet<matrix::ServerName> known;
    forEachName(before, [&known](QStringView, const matrix::ServerName &name) { known.insert(name); });
    MaybeComplaint found;
    forEachName(edited, [&](QStringView key, const matrix::ServerName &name) {
        if (found || known.contains(name))
            return;
        if (const auto wrong = whyImpossible(name))
            found = wrong->about(key.toString());
    });
    return found;
}

QList<Complaint> impossibleNames(const Settings &settings)
{
    QSet<matrix::ServerName> seen;
    QList<Complaint> found;
    forEachName(settings, [&](QStringView key, const matrix::ServerName &name) {
        if (seen.contains(name))
            return;
        seen.insert(name);
        if (const auto wrong = whyImpossible(name))
            found.append(wrong->about(key.toString()));
    });
    return found;
}

} // namespace restante::settings
