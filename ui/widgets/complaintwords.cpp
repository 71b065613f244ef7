// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/complaintwords.h"

#include <QtCore/QCoreApplication>

#include <algorithm>
#include <iterator>

namespace restante::ui
{

namespace
{
using settings::ComplaintCode;

struct ComplaintWords {
    Q_DECLARE_TR_FUNCTIONS(ComplaintWords)
};

struct ComplaintRow {
    ComplaintCode code;
    const char *pattern;
};

/// The one table from complaint to text.
constexpr ComplaintRow ComplaintSentences[] = {
    {ComplaintCode::NoSuchSetting, QT_TRANSLATE_NOOP("ComplaintWords", "There is no setting named “%1”.")},
    {ComplaintCode::NotABoolean, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is neither true nor false.")},
    {ComplaintCode::NotANumber, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a number.")},
    {ComplaintCode::NotAWholeNumber, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a whole number.")},
    {ComplaintCode::NotAText, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a text.")},
    {ComplaintCode::NotAListOfTexts, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a list of texts.")},
    {ComplaintCode::NotAListOfRelays, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a list of relays.")},
    {ComplaintCode::NotAListOfServed, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a list of friends.")},
    {ComplaintCode::UnknownMember, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” means nothing here. Use %2.")},
    {ComplaintCode::OutOfRange, QT_TRANSLATE_NOOP("ComplaintWords", "%1 is out of range. Use %2 to %3.")},
    {ComplaintCode::CountOutOfRange, QT_TRANSLATE_NOOP("ComplaintWords", "There are %1. Use %2 to %3.")},
    {ComplaintCode::TooManyServed, QT_TRANSLATE_NOOP("ComplaintWords", "At most %1 friends can be served.")},
    {ComplaintCode::TooManyRelays, QT_TRANSLATE_NOOP("ComplaintWords", "At most %1 relays can be kept.")},
    {ComplaintCode::TooManyKnownOrigins, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” has more than %2 known senders.")},
    {ComplaintCode::LongPetname,
     QT_TRANSLATE_NOOP("ComplaintWords", "The petname of “%1” is longer than %2 characters.")},
    {ComplaintCode::ListedTwice, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is there twice.")},
    {ComplaintCode::OwnRelayForOne,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” sends to every server. Leave the server that it is for empty.")},
    {ComplaintCode::NotAnAddress, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not an IP address.")},
    {ComplaintCode::NotAListenAddress,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not an address and a port, such as 192.0.2.7:8449.")},
    {ComplaintCode::NotLoopback,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not an address of this computer alone, such as 127.0.0.1:8450.")},
    {ComplaintCode::NotAnUpstream,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a host with a port, such as home.example:8448.")},
    {ComplaintCode::NotAHomeserver,
     QT_TRANSLATE_NOOP("ComplaintWords",
                       "“%1” is not where a homeserver can be reached inside, such as http://127.0.0.1:8008.")},
    {ComplaintCode::NotANetwork, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a network, such as 192.168.0.0/16.")},
    {ComplaintCode::NotAbsolute, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not the whole path of a file.")},
    {ComplaintCode::NotALogRule,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a log rule, such as restante.http=true.")},
    {ComplaintCode::NotACardName,
     QT_TRANSLATE_NOOP("ComplaintWords",
                       "“%1” cannot stand on a card. Use at most 60 characters, each of which can be seen.")},
    {ComplaintCode::NotAServerName, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a valid server name.")},
    {ComplaintCode::PortZero, QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a valid server name: 0 is not a port.")},
    {ComplaintCode::OddKeyDigits,
     QT_TRANSLATE_NOOP(
         "ComplaintWords",
         "“%1” is not a valid server name: it has %2 hexadecimal digits, and a name that is a key has 64.")},
    {ComplaintCode::KeyWithPort,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a valid server name: a name that is a key has no port.")},
    {ComplaintCode::EmptyLabel,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not a valid server name: a part between two dots is empty.")},
    {ComplaintCode::LongLabel,
     QT_TRANSLATE_NOOP("ComplaintWords",
                       "“%1” is not a valid server name: a part between two dots is longer than %2 characters.")},
    {ComplaintCode::HyphenAtEnd,
     QT_TRANSLATE_NOOP("ComplaintWords",
                       "“%1” is not a valid server name: a part between two dots begins or ends with a hyphen.")},
    {ComplaintCode::NumberAtEnd,
     QT_TRANSLATE_NOOP(
         "ComplaintWords",
         "“%1” is not a valid server name: it is not a complete IP address, and no name ends in a number.")},
    {ComplaintCode::NotAUrl,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not an address, such as https://relay.example.org:8448.")},
    {ComplaintCode::OddUrl,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is written in an unusual way. Write the host in full.")},
    {ComplaintCode::MoreThanUrl,
     QT_TRANSLATE_NOOP("ComplaintWords",
                       "“%1” has more than a host and a port. Leave out what is before and after them.")},
    {ComplaintCode::Unencrypted,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is not encrypted. Use https://, or say below that the network is.")},
    {ComplaintCode::KeyWithoutUrl,
     QT_TRANSLATE_NOOP("ComplaintWords", "“%1” is a key, by which no server can be found. Enter its address.")},
    {ComplaintCode::NotAPin,
     QT_TRANSLATE_NOOP(
         "ComplaintWords",
         "“%1” is not a pin, which is 64 hexadecimal digits: the SHA-256 of the certificate's public key.")},
    {ComplaintCode::PinWithoutTls,
     QT_TRANSLATE_NOOP("ComplaintWords", "A pin needs an address that begins with https://.")},
    {ComplaintCode::NoFile, QT_TRANSLATE_NOOP("ComplaintWords", "There is no file %1.")},
    {ComplaintCode::UnreadableFile, QT_TRANSLATE_NOOP("ComplaintWords", "%1 cannot be read: %2")},
    {ComplaintCode::DamagedCertificate, QT_TRANSLATE_NOOP("ComplaintWords", "A certificate in %1 is damaged.")},
    {ComplaintCode::NoCertificate, QT_TRANSLATE_NOOP("ComplaintWords", "There is no certificate (PEM) in %1.")},
    {ComplaintCode::NoPrivateKey, QT_TRANSLATE_NOOP("ComplaintWords", "There is no private key (PEM) in %1.")},
    {ComplaintCode::SamePlace,
     QT_TRANSLATE_NOOP("ComplaintWords", "%1 is the same place as %2, which is in use by %3.")},
    {ComplaintCode::TlsKeyMissing, QT_TRANSLATE_NOOP("ComplaintWords", "A certificate needs its private key too.")},
    {ComplaintCode::TlsCertificateMissing,
     QT_TRANSLATE_NOOP("ComplaintWords", "A private key needs its certificate too.")},
    {ComplaintCode::CertificateWithoutDoor,
     QT_TRANSLATE_NOOP("ComplaintWords", "A certificate for %1 needs a front door for it.")},
    {ComplaintCode::DoorCertificateAlone,
     QT_TRANSLATE_NOOP("ComplaintWords",
                       "The front door of %1 can have a certificate of its own only if the relay encrypts by itself.")},
    {ComplaintCode::ReserveTooLarge,
     QT_TRANSLATE_NOOP("ComplaintWords", "This must be less than limits.body_memory_bytes.")},
    {ComplaintCode::MemoryTooSmall,
     QT_TRANSLATE_NOOP("ComplaintWords",
                       "This must be at least limits.body_bytes and limits.small_body_reserve_bytes together.")},
    {ComplaintCode::RequestLineTooLarge,
     QT_TRANSLATE_NOOP("ComplaintWords", "This must not be more than limits.head_bytes.")},
};
} // namespace

QString complaintPattern(settings::Complaint::Code code)
{
    const auto row = std::find_if(std::begin(ComplaintSentences), std::end(ComplaintSentences),
                                  [code](const ComplaintRow &candidate) { return candidate.code == code; });
    return row == std::end(ComplaintSentences) ? QString() : ComplaintWords::tr(row->pattern);
}

QString complaintText(const settings::Complaint &complaint)
{
    return settings::filledIn(complaintPattern(complaint.code), complaint.arguments);
}

QString complaintTextWithKey(const settings::Complaint &complaint)
{
    //: A sentence that says what is wrong, and the key of the setting
    return complaint.key.isEmpty() ? complaintText(complaint)
                                   : ComplaintWords::tr("%1 (%2)").arg(complaintText(complaint), complaint.key);
}

} // namespace restante::ui
