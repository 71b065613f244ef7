// SPDX-License-Identifier: GPL-3.0-or-later
#include "card/card.h"

#include "base/printable.h"
#include "federation/addressrules.h"
#include "settings/enteredname.h"
#include "settings/listenaddress.h"
#include "settings/relayentry.h"

#include <QtCore/QSet>
#include <QtCore/QStringDecoder>
#include <QtCore/QUrl>

#include <algorithm>
#include <cctype>

using namespace Qt::Literals::StringLiterals;

namespace restante::card
{

using Code = CardProblem::Code;

namespace
{
/// Some of what stands there, for a message.
QString quoted(QStringView text)
{
    constexpr qsizetype most = 40;
    return base::printable(text.size() > most ? text.first(most).toString() + QChar(0x2026) : text.toString());
}

CardProblem unusable(const settings::Complaint &complaint)
{
    settings::Complaint shown = complaint;
    for (QString &argument : shown.arguments)
        argument = base::printable(argument);
    return {Code::Unusable, {}, shown};
}

/// White space and angle brackets around a link are not part of it.
QString bare(const QString &text)
{
    QString link = text.trimmed();
    if (link.startsWith(u'<') && link.endsWith(u'>'))
        link = link.sliced(1, link.size() - 2).trimmed();
    return link;
}

bool isOfLinks(QChar character)
{
    static const QString others = u"-._~:/?@!$'()*+,;=&%"_s;
    const char16_t code = character.unicode();
    return (code >= u'0' && code <= u'9') || (code >= u'A' && code <= u'Z') || (code >= u'a' && code <= u'z') ||
           others.contains(character);
}

/// What a percent-encoded part means; nothing if it is not encoded UTF-8.
std::optional<QString> decoded(QStringView part)
{
    const QByteArray raw = part.toLatin1();
    for (qsizetype at = raw.indexOf('%'); at >= 0; at = raw.indexOf('%', at + 1)) {
        const auto isHex = [&raw](qsizetype place) {
            return place < raw.size() && std::isxdigit(static_cast<unsigned char>(raw.at(place))) != 0;
        };
        if (!isHex(at + 1) || !isHex(at + 2))
            return std::nullopt;
    }
    QStringDecoder utf8(QStringDecoder::Utf8, QStringDecoder::Flag::Stateless);
    QString text = utf8(QByteArray::fromPercentEncoding(raw));
    return utf8.hasError() ? std::nullopt : std::optional(text);
}

/// Reads the members behind the question mark.
class MemberReader
{
public:
    explicit MemberReader(Card &card)
        : m_card(card)
    {
    }

    std::optional<CardProblem> read(QStringView members)
    {
        const auto parts = members.split(u'&');
        for (const QStringView part : parts) {
            const qsizetype equals = part.indexOf(u'=');
            const QStringView name = part.first(equals < 0 ? part.size() : equals);
            const auto value = decoded(equals < 0 ? QStringView() : part.sliced(equals + 1));
            if (!value)
                return CardProblem{Code::Broken};
            if (auto problem = take(name, *value))
                return problem;
        }
        return m_card.server.isNull() ? std::optional(CardProblem{Code::NoServer}) : std::nullopt;
    }

private:
    std::optional<CardProblem> take(QStringView name, const QString &value)
    {
        const QString key = name.toString();
        if (!QStringList{u"server"_s, u"address"_s, u"pin"_s, u"name"_s}.contains(key))
            return CardProblem{Code::UnknownMember, quoted(name)};
        if (m_taken.contains(key) && key != "address"_L1)
            return CardProblem{Code::RepeatedMember, key};
        m_taken.insert(key);
        if (m_card.kind == Card::Kind::Friend && (key == "address"_L1 || key == "pin"_L1))
            return CardProblem{Code::FriendWithAddress, key};
        const auto wrong = key == "server"_L1 ? takeServer(value)
                           : key == "pin"_L1  ? takePin(value)
                           : key == "name"_L1 ? takeName(value)
                                              : takeAddress(value);
        if (m_card.addresses.size() > settings::MostCardAddresses)
            return CardProblem{Code::TooManyAddresses};
        return wrong ? std::optional(unusable(*wrong)) : std::nullopt;
    }

    settings::MaybeComplaint takeServer(const QString &value) { return settings::parseEntered(value, m_card.server); }

    settings::MaybeComplaint takePin(const QString &value)
    {
        if (value.isEmpty())
            return settings::Complaint{settings::ComplaintCode::NotAPin, {value}};
        return settings::parsePin(value, m_card.pin);
    }

    settings::MaybeComplaint takeName(const QString &value)
    {
        m_card.name = value;
        return settings::isCardName(value)
                   ? settings::MaybeComplaint()
                   : settings::Complaint{settings::ComplaintCode::NotACardName, {quoted(value)}};
    }

    settings::MaybeComplaint takeAddress(const QString &value)
    {
        settings::RelayUrl address;
        if (auto wrong = settings::parseCardAddress(value, address))
            return wrong;
        if (m_card.addresses.contains(address))
            return settings::Complaint{settings::ComplaintCode::ListedTwice, {value}};
        m_card.addresses.append(address);
        return {};
    }

    Card &m_card;
    QSet<QString> m_taken;
};

/// What is wrong with a relay although each part can be read, at whichever of its addresses.
std::optional<CardProblem> togetherProblem(const Card &card)
{
    if (card.kind == Card::Kind::Friend)
        return {};
    const auto addresses = card.addresses.isEmpty() ? QList<settings::RelayUrl>(1) : card.addresses;
    for (const settings::RelayUrl &address : addresses) {
        if (const auto problem = settings::relayProblem(relayEntry(card, address, card.name)))
            return unusable(problem->complaint);
    }
    return {};
}

std::optional<CardProblem> readLink(QStringView link, Card &card)
{
    const QStringView rest = link.sliced(qsizetype(sizeof settings::CardScheme) - 1);
    const qsizetype slash = rest.indexOf(u'/');
    const qsizetype question = rest.indexOf(u'?');
    if (slash < 0 || question < slash)
        return CardProblem{Code::NotACard};
    if (const auto version = rest.first(slash); version != u"1")
        return CardProblem{Code::OtherVersion, quoted(version)};
    const auto kind = rest.sliced(slash + 1, question - slash - 1);
    if (kind != u"relay" && kind != u"friend")
        return CardProblem{Code::OtherKind, quoted(kind)};
    if (!std::all_of(link.begin(), link.end(), isOfLinks))
        return CardProblem{Code::Broken};
    card.kind = kind == u"relay" ? Card::Kind::Relay : Card::Kind::Friend;
    if (auto problem = MemberReader(card).read(rest.sliced(question + 1)))
        return problem;
    return togetherProblem(card);
}
} // namespace

QString textOf(const Card &card)
{
    QString text = QLatin1String(settings::CardScheme) +
                   (card.kind == Card::Kind::Relay ? u"1/relay?server="_s : u"1/friend?server="_s);
    const auto encoded = [](const QString &value) {
        return QString::fromLatin1(QUrl::toPercentEncoding(value, ":/"_ba));
    };
    text += encoded(card.server.toString());
    for (const settings::RelayUrl &address : card.addresses)
        text += "&address="_L1 + encoded(address.toString());
    if (!card.pin.isEmpty())
        text += "&pin="_L1 + QString::fromLatin1(card.pin.toHex());
    if (!card.name.isEmpty())
        text += "&name="_L1 + encoded(card.name);
    return text;
}

std::optional<CardProblem> parse(const QString &text, Card &out)
{
    out = {};
    if (text.size() > MostCardBytes)
        return CardProblem{Code::TooLong};
    const QString link = bare(text);
    if (link.isEmpty())
        return CardProblem{Code::Nothing};
    if (!looksLikeCard(link))
        return CardProblem{Code::NotACard};
    Card card;
    if (auto problem = readLink(link, card))
        return problem;
    out = card;
    return {};
}

bool looksLikeCard(const QString &text)
{
    return bare(text).startsWith(QLatin1String(settings::CardScheme), Qt::CaseInsensitive);
}

Reach reachOf(const settings::RelayUrl &address)
{
    const QString host = QUrl(address.toString()).host().toLower();
    if (const auto ip = settings::parseAddress(host)) {
        if (ip->isLoopback())
            return Reach::ThisComputer;
        return federation::AddressRules::isPublic(*ip) ? Reach::Anywhere : Reach::LocalNetwork;
    }
    QStringView name = host;
    if (name.endsWith(u'.'))
        name.chop(1);
    if (name == u"localhost" || name.endsWith(u".localhost"))
        return Reach::ThisComputer;
    const bool isLocal = !name.contains(u'.') || name.endsWith(u".local") || name.endsWith(u".lan") ||
                         name.endsWith(u".home") || name.endsWith(u".home.arpa") || name.endsWith(u".internal");
    return isLocal ? Reach::LocalNetwork : Reach::Anywhere;
}

settings::RelayUrl bestAddress(const Card &card)
{
    const auto best = std::find_if(card.addresses.begin(), card.addresses.end(), [](const settings::RelayUrl &address) {
        return reachOf(address) == Reach::Anywhere;
    });
    return best == card.addresses.end() ? card.addresses.value(0) : *best;
}

settings::RelayEntry relayEntry(const Card &card, const settings::RelayUrl &address, const QString &petname)
{
    settings::RelayEntry entry;
    entry.relay = card.server;
    entry.url = address;
    entry.pin = card.pin;
    entry.petname = petname;
    return entry;
}

settings::ServedEntry servedEntry(const Card &card, const QString &petname)
{
    return {card.server, petname, {}, {}};
}

} // namespace restante::card
