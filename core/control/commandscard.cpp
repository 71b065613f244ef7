// SPDX-License-Identifier: GPL-3.0-or-later
// Cards: links that two people hand each other.
#include "control/arguments.h"
#include "control/cards.h"
#include "control/commandparts.h"
#include "control/jsonof.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
using Kind = Parameter::Kind;

QString kindName(const card::Card &card)
{
    return card.kind == card::Card::Kind::Relay ? u"relay"_s : u"friend"_s;
}

QString reachName(card::Reach reach)
{
    switch (reach) {
    case card::Reach::Anywhere:
        return u"anywhere"_s;
    case card::Reach::LocalNetwork:
        return u"local_network"_s;
    case card::Reach::ThisComputer:
        return u"this_computer"_s;
    }
    Q_UNREACHABLE();
}

QString effectName(CardUse::Effect effect)
{
    switch (effect) {
    case CardUse::Effect::AddsFriend:
        return u"adds_friend"_s;
    case CardUse::Effect::AddsRelay:
        return u"adds_relay"_s;
    case CardUse::Effect::MovesRelay:
        return u"moves_relay"_s;
    case CardUse::Effect::ChangesNothing:
        return u"nothing"_s;
    case CardUse::Effect::IsOwn:
        return u"own"_s;
    }
    Q_UNREACHABLE();
}

/// What a card says, and what adding it does, as `use` tells.
QJsonObject cardJson(const card::Card &card, const CardUse &use)
{
    const auto address = [](const settings::RelayUrl &each) {
        return QJsonObject{{u"url"_s, each.toString()}, {u"reach"_s, reachName(card::reachOf(each))}};
    };
    return {{u"kind"_s, kindName(card)},
            {u"server"_s, card.server.toString()},
            {u"name"_s, card.name},
            {u"addresses"_s, arrayOf(card.addresses, address)},
            {u"pin"_s, QString::fromLatin1(card.pin.toHex())},
            {u"effect"_s, effectName(use.effect)},
            {u"address"_s, use.address.toString()},
            {u"known_address"_s, use.known.url.toString()},
            {u"known_pin"_s, use.known.pinText()},
            {u"petname"_s, use.petname},
            {u"node_off"_s, use.nodeOff},
            {u"relay_off"_s, use.relayOff}};
}

card::Card linkIn(Arguments &arguments)
{
    card::Card card;
    const QString link = arguments.text("link"_L1);
    if (const auto problem = link.isEmpty() ? std::nullopt : card::parse(link, card))
        arguments.refuse(card::sentence(*problem));
    return card;
}

void tellCard(Request &request)
{
    Arguments arguments(request.arguments());
    const bool wantsFriend = arguments.flag("friend"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    Operations &operations = request.operations();
    const auto card = wantsFriend ? friendCard(operations.settings(), operations.identity().serverName)
                                  : relayCard(operations.settings(), operations.status());
    if (!card)
        return request.finish(card.error());
    request.finish(QJsonObject{{u"card"_s, card::textOf(*card)}, {u"kind"_s, kindName(*card)}});
}

void openCard(Request &request)
{
    Arguments arguments(request.arguments());
    const QString link = arguments.text("link"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    if (request.desk().openCard(link))
        request.finish(QJsonObject());
    else
        request.finish(Error{Errc::NotFound, u"This program has no window"_s, 0});
}

void showCard(Request &request)
{
    Arguments arguments(request.arguments());
    const card::Card card = linkIn(arguments);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    Operations &operations = request.operations();
    request.finish(cardJson(card, useOf(card, operations.settings(), operations.identity().serverName)));
}

void takeCard(Request &request)
{
    Arguments arguments(request.arguments());
    const card::Card card = linkIn(arguments);
    const auto petname = arguments.givenText("petname"_L1);
    if (const auto problem = arguments.problem())
        return request.finish(*problem);
    const QString ownName = request.operations().identity().serverName;
    const CardUse use = useOf(card, request.operations().settings(), ownName);
    const SettingsEdits::Edit change = [=](settings::Settings &settings) {
        return addCard(card, {}, petname.value_or(use.petname), ownName, settings);
    };
    request.desk().edits.apply(change, &request, request.answer<bool>([card, use](bool restart) {
        QJsonObject answer = cardJson(card, use);
        answer.insert(u"restart_needed"_s, restart);
        return answer;
    }));
}
} // namespace

QList<Command> cardCommands()
{
    return {
        {"card"_L1,
         "Print this relay's card: a link with which others add it"_L1,
         {{"--friend"_L1,
           "friend"_L1,
           Kind::Flag,
           false,
           {},
           "the answer instead: a link with which a relay holds mail for this node"_L1}},
         Answer::Card,
         tellCard},
        {"card show"_L1,
         "What a card says, and what adding it would do; changes nothing"_L1,
         {word("LINK"_L1, "link"_L1)},
         Answer::CardShown,
         showCard},
        {"card add"_L1,
         "Add the relay, or the friend, that a card is of"_L1,
         {word("LINK"_L1, "link"_L1), petname()},
         Answer::CardAdded,
         takeCard},
        {"card open"_L1,
         "Show a card in the window, which asks before it adds anything"_L1,
         {word("LINK"_L1, "link"_L1)},
         Answer::Nothing,
         openCard},
    };
}

} // namespace restante::control
