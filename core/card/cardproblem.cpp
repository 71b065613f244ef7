// SPDX-License-Identifier: GPL-3.0-or-later
#include "card/cardproblem.h"

#include "card/card.h"

using namespace Qt::Literals::StringLiterals;

namespace restante::card
{

QString englishPattern(CardProblem::Code code)
{
    switch (code) {
    case CardProblem::Code::Nothing:
        return u"there is no card: it is a link that begins with restante:"_s;
    case CardProblem::Code::TooLong:
        return u"this is longer than a card can be"_s;
    case CardProblem::Code::NotACard:
        return u"this is not a card: a card is a link that begins with restante:1/"_s;
    case CardProblem::Code::OtherVersion:
        return u"this card is of version \"%1\", which this program does not know; a newer one may"_s;
    case CardProblem::Code::OtherKind:
        return u"this program does not know cards of the kind \"%1\"; a newer one may"_s;
    case CardProblem::Code::Broken:
        return u"this card was damaged on its way: it has characters that no card has; have it sent again"_s;
    case CardProblem::Code::UnknownMember:
        return u"this card says something that this program does not know (\"%1\"); a newer one may"_s;
    case CardProblem::Code::RepeatedMember:
        return u"this card says \"%1\" twice"_s;
    case CardProblem::Code::NoServer:
        return u"this card does not say whose it is"_s;
    case CardProblem::Code::FriendWithAddress:
        return u"this friend's card says how to reach a relay (\"%1\"), which only a relay's card does"_s;
    case CardProblem::Code::TooManyAddresses:
        return u"this card has more than four addresses"_s;
    case CardProblem::Code::Unusable:
        return {};
    }
    Q_UNREACHABLE();
}

QString sentence(const CardProblem &problem)
{
    if (problem.complaint)
        return u"this card cannot be used: %1"_s.arg(settings::sentence(*problem.complaint));
    return settings::filledIn(englishPattern(problem.code), {problem.what});
}

Error errorOf(const CardProblem &problem)
{
    return {Errc::InvalidParam, sentence(problem), 0};
}

} // namespace restante::card
