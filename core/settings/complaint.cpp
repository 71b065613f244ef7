// SPDX-License-Identifier: GPL-3.0-or-later
#include "settings/complaint.h"

#include <algorithm>
#include <iterator>

using namespace Qt::Literals::StringLiterals;

namespace restante::settings
{

namespace
{

struct English {
    ComplaintCode code;
    QLatin1String pattern;
};

/// The one table from code to English.
constexpr English Sentences[] = {
    {ComplaintCode::NoSuchSetting, "there is no setting named \"%1\""_L1},
    {ComplaintCode::NotABoolean, "\"%1\" is not true or false"_L1},
    {ComplaintCode::NotANumber, "\"%1\" is not a number"_L1},
    {ComplaintCode::NotAWholeNumber, "\"%1\" is not a whole number"_L1},
    {ComplaintCode::NotAText, "\"%1\" is not a text"_L1},
    {ComplaintCode::NotAListOfTexts, "\"%1\" is not a list of texts"_L1},
    {ComplaintCode::NotAListOfRelays,
     R"("%1" is not a list of relays, such as [{"relay":"...","url":"https://...","destination":"..."}])"_L1},
    {ComplaintCode::NotAListOfServed,
     R"("%1" is not a list of servers, such as [{"name":"...","petname":"...","known_origins":["..."]}])"_L1},
    {ComplaintCode::UnknownMember, "there is no \"%1\" in it; use %2"_L1},
    {ComplaintCode::OutOfRange, "%1 is out of range; use %2 to %3"_L1},
    {ComplaintCode::CountOutOfRange, "the list has %1 elements; use %2 to %3"_L1},
    {ComplaintCode::TooManyServed, "at most %1 destinations can be served"_L1},
    {ComplaintCode::TooManyRelays, "at most %1 relays can be kept"_L1},
    {ComplaintCode::TooManyKnownOrigins, "\"%1\" has more than %2 known origins"_L1},
    {ComplaintCode::LongPetname, "the petname of \"%1\" is longer than %2 characters"_L1},
    {ComplaintCode::ListedTwice, "\"%1\" is listed twice"_L1},
    {ComplaintCode::OwnRelayForOne, "\"%1\" sends to every server; leave its destination out"_L1},
    {ComplaintCode::NotAnAddress, "\"%1\" is not an IP address"_L1},
    {ComplaintCode::NotAListenAddress,
     "\"%1\" is not an IP address and a port, such as 127.0.0.1:8449 or [::1]:8449"_L1},
    {ComplaintCode::NotLoopback, "\"%1\" is not a loopback address, such as 127.0.0.1:8450"_L1},
    {ComplaintCode::NotAnUpstream, "\"%1\" is not a host with a port, such as home.example:8448"_L1},
    {ComplaintCode::NotAHomeserver,
     "\"%1\" is not where a homeserver can be reached inside: write http://, a loopback or private IP address, and its "
     "port, such as http://127.0.0.1:8008"_L1},
    {ComplaintCode::NotANetwork, "\"%1\" is not a network, such as 192.168.0.0/16"_L1},
    {ComplaintCode::NotAbsolute, "\"%1\" is not an absolute path"_L1},
    {ComplaintCode::NotALogRule,
     "\"%1\" is not a log rule; write CATEGORY=true or CATEGORY=false, separated by ';'"_L1},
    {ComplaintCode::NotACardName, "\"%1\" cannot stand on a card: at most 60 characters, each of which can be seen"_L1},
    {ComplaintCode::NotAServerName, "\"%1\" is not a server name"_L1},
    {ComplaintCode::PortZero, "\"%1\" is not a server name: 0 is not a port"_L1},
    {ComplaintCode::OddKeyDigits,
     "\"%1\" is not a server name: it has %2 hexadecimal digits, and a name that is a key has 64"_L1},
    {ComplaintCode::KeyWithPort, "\"%1\" is not a server name: a name that is a key has no port"_L1},
    {ComplaintCode::EmptyLabel, "\"%1\" is not a server name: a part between two dots is empty"_L1},
    {ComplaintCode::LongLabel, "\"%1\" is not a server name: a part between two dots is longer than %2 characters"_L1},
    {ComplaintCode::HyphenAtEnd,
     "\"%1\" is not a server name: a part between two dots begins or ends with a hyphen"_L1},
    {ComplaintCode::NumberAtEnd,
     "\"%1\" is not a server name: it is not a complete IP address, and a server name cannot end in a number"_L1},
    {ComplaintCode::NotAUrl, "\"%1\" is not an address; write https://host:port"_L1},
    {ComplaintCode::OddUrl, "\"%1\" has a host in an unusual spelling; write it in full"_L1},
    {ComplaintCode::MoreThanUrl, "\"%1\" has more than https://host:port; leave out what is before and after that"_L1},
    {ComplaintCode::Unencrypted,
     "\"%1\" is not encrypted: http:// is allowed only to this computer, or over a network that encrypts"_L1},
    {ComplaintCode::KeyWithoutUrl, "\"%1\" is a key, by which no server can be found; say where it is"_L1},
    {ComplaintCode::NotAPin, "\"%1\" is not a pin, which is the 64 hexadecimal digits of a SHA-256"_L1},
    {ComplaintCode::PinWithoutTls, "a pin needs an address that begins with https://"_L1},
    {ComplaintCode::NoFile, "there is no file %1"_L1},
    {ComplaintCode::UnreadableFile, "%1 cannot be read: %2"_L1},
    {ComplaintCode::DamagedCertificate, "a certificate in %1 is damaged"_L1},
    {ComplaintCode::NoCertificate, "there is no certificate in PEM in %1"_L1},
    {ComplaintCode::NoPrivateKey, "there is no private key in PEM in %1"_L1},
    {ComplaintCode::SamePlace, "%1 is the same place as %2 in %3"_L1},
    {ComplaintCode::TlsKeyMissing, "TLS needs a private key besides the certificate"_L1},
    {ComplaintCode::TlsCertificateMissing, "TLS needs a certificate besides the private key"_L1},
    {ComplaintCode::CertificateWithoutDoor, "a certificate for %1 needs a front door for it"_L1},
    {ComplaintCode::DoorCertificateAlone,
     "the front door of %1 can have a certificate of its own only if the relay speaks TLS itself"_L1},
    {ComplaintCode::ReserveTooLarge, "must be less than limits.body_memory_bytes"_L1},
    {ComplaintCode::MemoryTooSmall,
     "must be at least limits.body_bytes and limits.small_body_reserve_bytes together"_L1},
    {ComplaintCode::RequestLineTooLarge, "must not be more than limits.head_bytes"_L1},
};
} // namespace

QString filledIn(QStringView pattern, const QStringList &arguments)
{
    QString text;
    for (qsizetype at = 0; at < pattern.size(); ++at) {
        const int number = pattern[at] == u'%' && at + 1 < pattern.size() ? pattern[at + 1].digitValue() : -1;
        if (number < 1) {
            text += pattern[at];
            continue;
        }
        text += arguments.value(number - 1);
        ++at;
    }
    return text;
}

QString englishPattern(ComplaintCode code)
{
    const auto found = std::find_if(std::begin(Sentences), std::end(Sentences),
                                    [code](const English &row) { return row.code == code; });
    return found == std::end(Sentences) ? QString() : QString(found->pattern);
}

QString sentence(const Complaint &complaint)
{
    const QString text = filledIn(englishPattern(complaint.code), complaint.arguments);
    return complaint.key.isEmpty() ? text : complaint.key + u": "_s + text;
}

Error errorOf(const Complaint &complaint)
{
    return {Errc::InvalidSetting, sentence(complaint)};
}

} // namespace restante::settings
