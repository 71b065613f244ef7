// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/widgets/errorwords.h"

#include <QtCore/QCoreApplication>

#include <algorithm>
#include <iterator>

namespace restante::ui
{

namespace
{
struct ErrorWords {
    Q_DECLARE_TR_FUNCTIONS(ErrorWords)
};

struct Row {
    Errc code;
    const char *text;
};

/// The one table from error code to text.
constexpr Row Sentences[] = {
    {Errc::NotFound, QT_TRANSLATE_NOOP("ErrorWords", "There is nothing at this address.")},
    {Errc::MethodNotAllowed, QT_TRANSLATE_NOOP("ErrorWords", "This request cannot be made here.")},
    {Errc::MissingAuth, QT_TRANSLATE_NOOP("ErrorWords", "The request was not signed.")},
    {Errc::MalformedAuth, QT_TRANSLATE_NOOP("ErrorWords", "The request's signature could not be read.")},
    {Errc::WrongDestination, QT_TRANSLATE_NOOP("ErrorWords", "The request was meant for another server.")},
    {Errc::Misdirected, QT_TRANSLATE_NOOP("ErrorWords", "That server has another address.")},
    {Errc::InvalidParam, QT_TRANSLATE_NOOP("ErrorWords", "A name or number is not valid.")},
    {Errc::InvalidUsername, QT_TRANSLATE_NOOP("ErrorWords", "This is not a valid Matrix user ID.")},
    {Errc::RelayingOff, QT_TRANSLATE_NOOP("ErrorWords", "Relaying is switched off.")},
    {Errc::AddressGone, QT_TRANSLATE_NOOP("ErrorWords", "Nobody can reach this relay at an address that the settings "
                                                        "name: this computer does not have it at the moment.")},
    {Errc::Paused, QT_TRANSLATE_NOOP("ErrorWords", "Taking in mail is paused.")},
    {Errc::OriginBlocked, QT_TRANSLATE_NOOP("ErrorWords", "This sender is blocked.")},
    {Errc::NotServed, QT_TRANSLATE_NOOP("ErrorWords", "This server is not one of the friends served here.")},
    {Errc::NotOwner, QT_TRANSLATE_NOOP("ErrorWords", "This mail belongs to another server.")},
    {Errc::RateLimited, QT_TRANSLATE_NOOP("ErrorWords", "Too many requests came at once.")},
    {Errc::NotJson, QT_TRANSLATE_NOOP("ErrorWords", "The data is not valid JSON.")},
    {Errc::BadJson, QT_TRANSLATE_NOOP("ErrorWords", "The data does not have the expected form.")},
    {Errc::TooLarge, QT_TRANSLATE_NOOP("ErrorWords", "The data is larger than allowed.")},
    {Errc::BadSignature, QT_TRANSLATE_NOOP("ErrorWords", "The signature is not valid.")},
    {Errc::NotFresh, QT_TRANSLATE_NOOP("ErrorWords", "The request may be a copy of an earlier one.")},
    {Errc::KeyUnavailable, QT_TRANSLATE_NOOP("ErrorWords", "The sender's key could not be looked up just now.")},
    {Errc::QuotaExceeded, QT_TRANSLATE_NOOP("ErrorWords", "There is no room left for more mail.")},
    {Errc::DiskFull, QT_TRANSLATE_NOOP("ErrorWords", "The disk is full, or nearly so: mail cannot be stored.")},
    {Errc::StorageFailed,
     QT_TRANSLATE_NOOP("ErrorWords", "Mail cannot be stored: the database cannot be read or written.")},
    {Errc::Busy, QT_TRANSLATE_NOOP("ErrorWords", "The program is busy. Try again in a moment.")},
    {Errc::Unreachable, QT_TRANSLATE_NOOP("ErrorWords", "The other server could not be reached.")},
    {Errc::AddressRefused,
     QT_TRANSLATE_NOOP("ErrorWords", "The server's name leads to an address that the settings do not allow.")},
    {Errc::CertificateRefused, QT_TRANSLATE_NOOP("ErrorWords", "The server's certificate was not accepted.")},
    {Errc::BadAnswer, QT_TRANSLATE_NOOP("ErrorWords", "The other server gave an answer that makes no sense.")},
    {Errc::Refused, QT_TRANSLATE_NOOP("ErrorWords", "The other server refused.")},
    {Errc::AuthoritiesUnreadable,
     QT_TRANSLATE_NOOP("ErrorWords", "No server's certificate can be checked: the file with authorities cannot be "
                                     "read.")},
    {Errc::InvalidSetting, QT_TRANSLATE_NOOP("ErrorWords", "A setting cannot be used.")},
    {Errc::CertificateInvalid,
     QT_TRANSLATE_NOOP("ErrorWords", "The relay's certificate is not valid now, so other servers refuse to connect.")},
    {Errc::Io, QT_TRANSLATE_NOOP("ErrorWords", "A file or a network address could not be opened.")},
    {Errc::Corrupt, QT_TRANSLATE_NOOP("ErrorWords", "A file of this installation is damaged.")},
    {Errc::NewerSchema, QT_TRANSLATE_NOOP("ErrorWords", "The data was written by a newer version of Restante.")},
    {Errc::AlreadyRunning, QT_TRANSLATE_NOOP("ErrorWords", "Restante is already running with this data folder.")},
    {Errc::NotHeld, QT_TRANSLATE_NOOP("ErrorWords", "This mail is not held any more.")},
    {Errc::Internal, QT_TRANSLATE_NOOP("ErrorWords", "Something went wrong inside Restante.")},
};
} // namespace

QString sentence(const Error &error)
{
    const auto row = std::find_if(std::begin(Sentences), std::end(Sentences),
                                  [&](const Row &candidate) { return candidate.code == error.code; });
    return row == std::end(Sentences) ? ErrorWords::tr("Something went wrong inside Restante.")
                                      : ErrorWords::tr(row->text);
}

} // namespace restante::ui
