// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/cards.h"

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

using Effect = CardUse::Effect;

namespace
{
QList<settings::RelayUrl> publicAddresses(const QStringList &listens)
{
    QList<settings::RelayUrl> found;
    for (const QString &text : listens) {
        settings::RelayUrl address;
        if (!settings::parseCardAddress(text, address) && card::reachOf(address) == card::Reach::Anywhere &&
            found.size() < settings::MostCardAddresses && !found.contains(address))
            found.append(address);
    }
    return found;
}

auto ownRelay(const card::Card &card, const settings::Settings &settings, const QString &ownName)
{
    return std::find_if(settings.relays.begin(), settings.relays.end(), [&](const settings::RelayEntry &each) {
        return each.relay == card.server && each.isMine(ownName);
    });
}

bool isServed(const matrix::ServerName &name, const settings::Settings &settings)
{
    return std::any_of(settings.served.begin(), settings.served.end(),
                       [&name](const settings::ServedEntry &each) { return each.name == name; });
}
} // namespace

Result<card::Card> relayCard(const settings::Settings &settings, const ApplianceStatus &status)
{
    if (!settings.relayEnabled)
        return {Errc::InvalidSetting, u"This program holds no mail for others: relay.enabled is off"_s};
    card::Card made;
    const auto name = matrix::ServerName::parse(status.serverName.toUtf8());
    if (!name)
        return name.error();
    made.server = *name;
    made.name = settings.cardName;
    if (const auto wrong = settings::parseCardAddresses(settings.cardAddresses, made.addresses))
        return settings::errorOf(wrong->about(u"card.addresses"_s));
    if (made.addresses.isEmpty())
        made.addresses = publicAddresses(status.addresses);
    if (made.addresses.isEmpty())
        return {Errc::InvalidSetting, u"It is not known where others reach this relay. Say it, for example: "
                                      "restantectl settings set card.addresses https://relay.example.org:8449"_s};
    const bool encrypted = std::all_of(made.addresses.begin(), made.addresses.end(),
                                       [](const settings::RelayUrl &address) { return address.isTls(); });
    if (encrypted) // a pin goes with no other address
        made.pin = QByteArray::fromHex(status.pin.toLatin1());
    return made;
}

Result<card::Card> friendCard(const settings::Settings &settings, const QString &ownName)
{
    if (!settings.nodeEnabled)
        return {Errc::InvalidSetting,
                u"This program collects no mail, so nobody can hold it for you: node.enabled is off"_s};
    const auto name = matrix::ServerName::parse(ownName.toUtf8());
    if (!name)
        return name.error();
    card::Card made;
    made.kind = card::Card::Kind::Friend;
    made.server = *name;
    made.name = settings.cardName;
    return made;
}

CardUse useOf(const card::Card &card, const settings::Settings &settings, const QString &ownName)
{
    CardUse use;
    use.petname = card.name;
    if (card.server.toString() == ownName) {
        use.effect = Effect::IsOwn;
        return use;
    }
    if (card.kind == card::Card::Kind::Friend) {
        use.relayOff = !settings.relayEnabled;
        use.effect = isServed(card.server, settings) ? Effect::ChangesNothing : Effect::AddsFriend;
        return use;
    }
    use.nodeOff = !settings.nodeEnabled;
    use.address = card::bestAddress(card);
    const auto known = ownRelay(card, settings, ownName);
    if (known == settings.relays.end()) {
        use.effect = Effect::AddsRelay;
        return use;
    }
    use.known = *known;
    if (!known->petname.isEmpty())
        use.petname = known->petname;
    const bool sameAddress = card.addresses.isEmpty() ? known->url.isNull() : card.addresses.contains(known->url);
    use.effect = sameAddress && known->pin == card.pin ? Effect::ChangesNothing : Effect::MovesRelay;
    return use;
}

Result<void> addCard(const card::Card &card, const settings::RelayUrl &address, const QString &petname,
                     const QString &ownName, settings::Settings &settings)
{
    const CardUse use = useOf(card, settings, ownName);
    const auto relay = card::relayEntry(card, address.isNull() ? use.address : address, petname);
    switch (use.effect) {
    case Effect::IsOwn:
        return {Errc::InvalidParam, u"This is the card of this installation itself; it is for others"_s};
    case Effect::ChangesNothing:
        break;
    case Effect::AddsFriend:
        settings.served.append(card::servedEntry(card, petname));
        break;
    case Effect::AddsRelay:
        settings.relays.append(relay);
        break;
    case Effect::MovesRelay:
        // Named by what it was: a destination that is this node's own name stays as it was written.
        for (settings::RelayEntry &each : settings.relays) {
            if (each.key() == use.known.key()) {
                each.url = relay.url;
                each.pin = relay.pin;
                each.petname = petname;
                each.overlay = false;
            }
        }
        break;
    }
    return {};
}

} // namespace restante::control
