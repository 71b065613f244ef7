// SPDX-License-Identifier: GPL-3.0-or-later
#include "ctl/show.h"
#include "ctl/text.h"

#include <QtCore/QJsonArray>

using namespace Qt::Literals::StringLiterals;

namespace restante::ctl
{

namespace
{
bool isRelay(const QJsonObject &value)
{
    return value.value("kind"_L1).toString() == "relay"_L1;
}

QString reachText(const QString &reach)
{
    if (reach == "local_network"_L1)
        return u" (private: only from its own network)"_s;
    return reach == "this_computer"_L1 ? u" (only from the same computer)"_s : QString();
}

QString effectText(const QJsonObject &value)
{
    const QString effect = value.value("effect"_L1).toString();
    if (effect == "adds_friend"_L1)
        return u"this relay holds mail for that server"_s;
    if (effect == "adds_relay"_L1)
        return u"this node collects its mail from that relay"_s;
    if (effect == "moves_relay"_L1) {
        const QString known = value.value("known_address"_L1).toString();
        return u"this node reaches that relay there, no longer at %1"_s.arg(
            known.isEmpty() ? u"the address that its name leads to"_s : known);
    }
    return effect == "own"_L1 ? u"nothing: it is this installation's own card"_s : u"nothing: it is known already"_s;
}

/// What has to be set for the card to be of use.
QString offText(const QJsonObject &value)
{
    if (value.value("node_off"_L1).toBool())
        return u"This program collects no mail yet: restantectl settings set node.enabled true"_s;
    if (value.value("relay_off"_L1).toBool())
        return u"This program holds no mail for others yet: restantectl settings set relay.enabled true"_s;
    return {};
}
} // namespace

QString showCard(const QJsonObject &value)
{
    return value.value("card"_L1).toString() + u'\n';
}

QString showCardShown(const QJsonObject &value)
{
    Facts facts;
    facts.add(u"Card"_s, isRelay(value) ? u"of a relay: it offers to hold mail for this node"_s
                                        : u"of a friend: it asks this relay to hold mail for it"_s);
    facts.add(u"Server name"_s, value.value("server"_L1).toString());
    if (const QString name = value.value("name"_L1).toString(); !name.isEmpty())
        facts.add(u"Calls itself"_s, name);
    const QJsonArray addresses = value.value("addresses"_L1).toArray();
    for (const auto &element : addresses) {
        const QJsonObject address = element.toObject();
        facts.add(u"Address"_s, address.value("url"_L1).toString() + reachText(address.value("reach"_L1).toString()));
    }
    if (const QString pin = value.value("pin"_L1).toString(); !pin.isEmpty())
        facts.add(u"Pin"_s, pin);
    facts.add(u"If added"_s, effectText(value));
    if (const QString off = offText(value); !off.isEmpty())
        facts.add(u"Note"_s, off);
    return facts.text();
}

QString showCardAdded(const QJsonObject &value)
{
    if (value.value("effect"_L1).toString() == "nothing"_L1)
        return u"This is known already; nothing was changed\n"_s;
    QString text = isRelay(value) ? u"Added the relay %1\nAnswer with your own card: restantectl card --friend\n"_s
                                  : u"Mail is held for %1\nAnswer with your own card: restantectl card\n"_s;
    text = text.arg(value.value("server"_L1).toString());
    if (const QString off = offText(value); !off.isEmpty())
        text += off + u'\n';
    return text + showChanged(value);
}

} // namespace restante::ctl
