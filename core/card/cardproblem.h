// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "settings/complaint.h"

#include <QtCore/QString>

#include <optional>

namespace restante::card
{

/// Why a text is no card, or none that can be used. It says nothing in any language: `sentence` does in English, and
/// the window has a table of its own.
struct CardProblem {
    enum class Code {
        Nothing,           ///< an empty text
        TooLong,           ///< more than MostCardBytes
        NotACard,          ///< something else than a link that begins with restante:
        OtherVersion,      ///< `what`: its version
        OtherKind,         ///< `what`: its kind
        Broken,            ///< a character that no link has, or bytes that are no text
        UnknownMember,     ///< `what`: its name
        RepeatedMember,    ///< `what`: its name
        NoServer,          ///< it does not say whose it is
        FriendWithAddress, ///< a friend's card says how to reach a relay
        TooManyAddresses,
        Unusable, ///< `complaint`: what is wrong with a part
    };
    static constexpr Code LastCode = Code::Unusable;

    Code code = Code::Nothing;
    QString what = {}; ///< printable, and not long
    std::optional<settings::Complaint> complaint = {};

    friend bool operator==(const CardProblem &, const CardProblem &) = default;
};

/// English with "%1" for `what`, without a full stop; empty for Unusable.
QString englishPattern(CardProblem::Code code);
/// One English sentence, without a full stop.
QString sentence(const CardProblem &problem);
/// Errc::InvalidParam with that sentence.
Error errorOf(const CardProblem &problem);

} // namespace restante::card
