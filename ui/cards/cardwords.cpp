// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/cards/cardwords.h"

#include "ui/widgets/complaintwords.h"

#include <QtCore/QCoreApplication>

namespace restante::ui
{

using Code = card::CardProblem::Code;
using Effect = control::CardUse::Effect;

namespace
{
struct CardWords {
    Q_DECLARE_TR_FUNCTIONS(CardWords)
};
} // namespace

QString problemPattern(card::CardProblem::Code code)
{
    switch (code) {
    case Code::Nothing:
        return CardWords::tr("There is no card. A card is a link that begins with restante:");
    case Code::TooLong:
        return CardWords::tr("This text is longer than a card can be.");
    case Code::NotACard:
        return CardWords::tr("This is not a card. A card is a link that begins with restante:1/");
    case Code::OtherVersion:
        return CardWords::tr("This card is of version “%1”, which this program does not know. A newer one may.");
    case Code::OtherKind:
        return CardWords::tr("This program does not know cards of the kind “%1”. A newer one may.");
    case Code::Broken:
        return CardWords::tr(
            "This card was damaged on its way: it has characters that no card has. Have it sent again.");
    case Code::UnknownMember:
        return CardWords::tr("This card says something that this program does not know (“%1”). A newer one may.");
    case Code::RepeatedMember:
        return CardWords::tr("This card says “%1” twice.");
    case Code::NoServer:
        return CardWords::tr("This card does not say whose it is.");
    case Code::FriendWithAddress:
        return CardWords::tr(
            "This is a friend's card, but it says how to reach a relay (“%1”), as only a relay's does.");
    case Code::TooManyAddresses:
        return CardWords::tr("This card has more than four addresses.");
    case Code::Unusable:
        return CardWords::tr("This card cannot be used. %1");
    }
    return {};
}

QString problemText(const card::CardProblem &problem)
{
    return settings::filledIn(problemPattern(problem.code),
                              {problem.complaint ? complaintText(*problem.complaint) : problem.what});
}

QString addressText(const settings::RelayUrl &address)
{
    switch (card::reachOf(address)) {
    case card::Reach::Anywhere:
        return address.toString();
    case card::Reach::LocalNetwork:
        //: An address
        return CardWords::tr("%1 (only from its own network)").arg(address.toString());
    case card::Reach::ThisComputer:
        //: An address
        return CardWords::tr("%1 (only from the same computer)").arg(address.toString());
    }
    return {};
}

QString effectText(const card::Card &card, const control::CardUse &use, const QString &called)
{
    const bool isRelay = card.kind == card::Card::Kind::Relay;
    switch (use.effect) {
    case Effect::AddsFriend:
        return CardWords::tr("%1 asks you to hold mail. If you agree, mail for this server is kept on this computer "
                             "while the server is away, until it collects it.")
            .arg(called);
    case Effect::AddsRelay:
        return CardWords::tr("%1 offers to hold your mail. If you agree, this computer collects there what was left "
                             "for your server.")
            .arg(called);
    case Effect::MovesRelay:
        return use.known.url.isNull()
                   ? CardWords::tr("%1 is one of your relays already, found by its name. If you agree, it is reached "
                                   "as this card says from now on.")
                         .arg(called)
                   : CardWords::tr("%1 is one of your relays already, at %2. If you agree, it is reached as this card "
                                   "says from now on.")
                         .arg(called, use.known.url.toString());
    case Effect::ChangesNothing:
        return isRelay ? CardWords::tr("%1 is one of your relays already. There is nothing to add.").arg(called)
                       : CardWords::tr("You hold mail for %1 already. There is nothing to add.").arg(called);
    case Effect::IsOwn:
        return CardWords::tr("This is your own card. Send it to the other person: it is of use only there.");
    }
    return {};
}

QStringList cautions(const card::Card &card, const control::CardUse &use, const settings::RelayUrl &address)
{
    QStringList texts;
    if (use.effect == Effect::IsOwn || use.effect == Effect::ChangesNothing)
        return texts;
    texts.append(CardWords::tr("Anybody can write a card. Add it only if it comes from somebody you know."));
    if (card.kind == card::Card::Kind::Relay && !address.isNull()) {
        if (card::reachOf(address) == card::Reach::LocalNetwork)
            texts.append(CardWords::tr("This address is private: it leads to the relay only inside the same network, "
                                       "and to some other device anywhere else."));
        if (card::reachOf(address) == card::Reach::ThisComputer)
            texts.append(CardWords::tr("This address leads to your own computer, wherever you are."));
    }
    if (use.nodeOff)
        texts.append(CardWords::tr("This computer does not collect mail yet: switch that on in the settings, Relays "
                                   "and node, too."));
    if (use.relayOff)
        texts.append(CardWords::tr("This computer does not hold mail for others yet: switch that on in the settings, "
                                   "Relaying, too."));
    return texts;
}

} // namespace restante::ui
