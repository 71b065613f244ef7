// SPDX-License-Identifier: GPL-3.0-or-later
// What two people hand each other, as a link, so that the relay of one holds mail for the server of the other:
//
//   restante:1/relay?server=NAME&address=URL&pin=SHA256&name=TEXT     "I hold mail for you"
//   restante:1/friend?server=NAME&name=TEXT                           "serve me"
//
// 1 is the version. Each value is percent-encoded UTF-8. `server` is needed; `address` may come up to four times, the
// others once. There is nothing secret in a card, and nothing in it is proven: it is a stranger's word until whoever
// opens it has agreed.
#pragma once

#include "card/cardproblem.h"
#include "matrix/servername.h"
#include "settings/cardtext.h"
#include "settings/settings.h"

#include <QtCore/QList>
#include <QtCore/QString>

namespace restante::card
{

inline constexpr qsizetype MostCardBytes = 2'000; ///< of its text; a QR code takes some more

/// A card whose parts have been checked. A value type.
struct Card {
    enum class Kind { Relay, Friend };

    Kind kind = Kind::Relay;
    matrix::ServerName server;
    QList<settings::RelayUrl> addresses; ///< of a relay, the best first; none: it is found by its name
    QByteArray pin;                      ///< of a relay: SHA-256 of its certificate's public key, or empty
    QString name;                        ///< what the other one goes by, as settings::isCardName allows; may be empty

    friend bool operator==(const Card &, const Card &) = default;
};

/// The link, in printable ASCII. `parse` reads the same card from it. Any thread.
QString textOf(const Card &card);
/// Reads a link, with white space around it, or between the angle brackets that mail programs put. Everything in it
/// has to be known and to be usable together (settings::relayProblem); else says what is wrong. Any thread.
std::optional<CardProblem> parse(const QString &text, Card &out);
/// Whether `text` begins as a card does, white space aside; it may be damaged behind that.
bool looksLikeCard(const QString &text);

/// From where an address can be reached, as far as it says itself. Names are not resolved.
enum class Reach { Anywhere, LocalNetwork, ThisComputer };
Reach reachOf(const settings::RelayUrl &address);
/// The first address that is reached from anywhere, or the first; null if there is none.
settings::RelayUrl bestAddress(const Card &card);

/// What a relay's card adds: a relay that holds mail for this node, at `address`.
settings::RelayEntry relayEntry(const Card &card, const settings::RelayUrl &address, const QString &petname);
/// What a friend's card adds: one whose mail is held here.
settings::ServedEntry servedEntry(const Card &card, const QString &petname);

} // namespace restante::card
