// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QString>
#include <QtCore/QStringList>

#include <optional>

namespace restante::settings
{

/// What is wrong with the text that one setting, option or field of a dialog was given, or with several together. It
/// says nothing in any language: `sentence` does in English, for the log and commands, and the window has a table of
/// its own, which is translated.
struct Complaint {
    enum class Code {
        NoSuchSetting,
        // a value of another type: what stands there
        NotABoolean,
        NotANumber,
        NotAWholeNumber,
        NotAText,
        NotAListOfTexts,
        NotAListOfRelays,
        NotAListOfServed,
        UnknownMember, ///< the member, those that are known
        // figures
        OutOfRange,          ///< the number, the least, the greatest
        CountOutOfRange,     ///< how many there are, the least, the most
        TooManyServed,       ///< the most
        TooManyRelays,       ///< the most
        TooManyKnownOrigins, ///< the server, the most
        LongPetname,         ///< the server, the most
        ListedTwice,         ///< what
        OwnRelayForOne,      ///< the relay
        // texts: the text
        NotAnAddress,
        NotAListenAddress,
        NotLoopback,
        NotAHomeserver,
        NotAnUpstream,
        NotANetwork,
        NotAbsolute,
        NotALogRule,
        NotACardName,
        // server names: the name
        NotAServerName,
        PortZero,
        OddKeyDigits, ///< and how many hexadecimal digits it has
        KeyWithPort,
        EmptyLabel,
        LongLabel, ///< and the most characters
        HyphenAtEnd,
        NumberAtEnd,
        // how a relay is reached: the address
        NotAUrl,
        OddUrl,
        MoreThanUrl,
        Unencrypted,
        KeyWithoutUrl, ///< the name
        NotAPin,       ///< the pin
        PinWithoutTls,
        // files: the file
        NoFile,
        UnreadableFile, ///< and why
        DamagedCertificate,
        NoCertificate,
        NoPrivateKey,
        // what no setting can know by itself
        SamePlace,     ///< the address, the one that has it, the setting of that one
        TlsKeyMissing, ///< a certificate is given
        TlsCertificateMissing,
        CertificateWithoutDoor, ///< the server
        DoorCertificateAlone,   ///< the server
        ReserveTooLarge,
        MemoryTooSmall,
        RequestLineTooLarge,
    };
    static constexpr Code LastCode = Code::RequestLineTooLarge;

    Code code = Code::NoSuchSetting;
    QStringList arguments = {}; ///< in the order that the code tells
    QString key = {};           ///< of the setting; empty if that is not known where it was found

    /// The same about a setting.
    Complaint about(const QString &setting) const { return {code, arguments, setting}; }

    friend bool operator==(const Complaint &, const Complaint &) = default;
};

using ComplaintCode = Complaint::Code;
using MaybeComplaint = std::optional<Complaint>;

/// `pattern` with each "%1" to "%9" replaced by the argument of that number, whatever stands in the arguments.
QString filledIn(QStringView pattern, const QStringList &arguments);

/// English with "%1" and so on for the arguments; it ends without a full stop.
QString englishPattern(Complaint::Code code);
/// One English sentence that begins with the key, if there is one.
QString sentence(const Complaint &complaint);
/// Errc::InvalidSetting with that sentence.
Error errorOf(const Complaint &complaint);

} // namespace restante::settings
