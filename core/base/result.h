// SPDX-License-Identifier: GPL-3.0-or-later
// Result<T>: a value or an Error. Every call of Restante that can fail for a reason outside the program returns one.
#pragma once

#include <QtCore/QString>

#include <cassert>
#include <utility>
#include <variant>

namespace restante
{

/// Why something could not be done. http/errortable.h maps each to a status and a Matrix errcode; the window maps each
/// to a translated sentence. A code says what the caller can do about it, the detail says what happened.
enum class Errc {
    // What a peer did wrong, in the order of checks of the design
    NotFound,         ///< no such route
    MethodNotAllowed, ///< the route exists, the method does not
    MissingAuth,      ///< no X-Matrix header, or only algorithms that nobody supports
    MalformedAuth,    ///< an X-Matrix header that does not follow the grammar
    WrongDestination, ///< signed for another server
    Misdirected,      ///< signed for a server whose front door is at another address
    InvalidParam,     ///< a path segment that does not decode, a transaction id that is too long
    InvalidUsername,  ///< not a user id
    RelayingOff,      ///< this installation does not relay
    Paused,           ///< the operator paused taking in
    OriginBlocked,    ///< the operator refuses this origin
    NotServed,        ///< the destination is not one that this relay acts for
    NotOwner,         ///< another server's queue
    RateLimited,      ///< a budget is used up; Error::retryAfterMs says for how long
    NotJson,          ///< not JSON at all, or not declared as JSON
    BadJson,          ///< JSON, but not a shape that is accepted
    TooLarge,         ///< more bytes than the limit
    BadSignature,     ///< unknown key, wrong signature, expired key
    NotFresh,         ///< signed well, but perhaps a copy of an earlier request
    KeyUnavailable,   ///< the key could not be looked up just now
    QuotaExceeded,    ///< no room for this entry; the ones held stay
    DiskFull,         ///< no room on the disk: nothing was kept
    StorageFailed,    ///< database locked, not readable or not writable: nothing was kept
    Busy,             ///< try again in a moment
    // What another server did, when we asked it
    Unreachable,           ///< no such name, no connection, no answer in time
    AddressRefused,        ///< its name leads to an address that the settings refuse
    CertificateRefused,    ///< its certificate does not stand; the detail says why
    BadAnswer,             ///< what it answered is not what was asked for
    Refused,               ///< it answered that it does not want to
    AuthoritiesUnreadable, ///< it was not asked: the certificate authorities here cannot be read
    // What an operator meets
    InvalidSetting,     ///< a setting or option that cannot be used
    CertificateInvalid, ///< our own certificate has expired, or is not valid yet
    Io,                 ///< a file or socket could not be opened, read or written
    AddressGone,        ///< what is listened on is not an address of this computer just now
    Corrupt,            ///< a file or database is damaged
    NewerSchema,        ///< the database was written by a newer program
    AlreadyRunning,     ///< another process holds the data folder
    NotHeld,            ///< no such entry
    Internal,           ///< a fault of the program
};

/// A failure. `detail` is one plain English sentence for the log and for an HTTP error body; it never holds keys,
/// bodies or Authorization values.
struct Error {
    Errc code = Errc::Internal;
    QString detail;
    qint64 retryAfterMs = 0; ///< for RateLimited, Paused and Busy: when to try again; 0 = not said
    bool notSent = false;    ///< of a request to another server: no connection was made, nothing of it was sent
};

template <typename T>
class [[nodiscard]] Result
{
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {
    }
    Result(Error error)
        : m_state(std::in_place_index<1>, std::move(error))
    {
    }
    Result(Errc code, QString detail)
        : m_state(std::in_place_index<1>, Error{code, std::move(detail), 0})
    {
    }

    bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }

    T &value() &
    {
        assert(ok());
        return *std::get_if<0>(&m_state);
    }
    const T &value() const &
    {
        assert(ok());
        return *std::get_if<0>(&m_state);
    }
    T &&value() &&
    {
        assert(ok());
        return std::move(*std::get_if<0>(&m_state));
    }
    T *operator->() { return &value(); }
    const T *operator->() const { return &value(); }
    T &operator*() & { return value(); }
    const T &operator*() const & { return value(); }
    T &&operator*() && { return std::move(*this).value(); }

    const Error &error() const
    {
        assert(!ok());
        return *std::get_if<1>(&m_state);
    }

private:
    std::variant<T, Error> m_state;
};

template <>
class [[nodiscard]] Result<void>
{
public:
    Result() = default;
    Result(Error error)
        : m_failed(true)
        , m_error(std::move(error))
    {
    }
    Result(Errc code, QString detail)
        : m_failed(true)
        , m_error{code, std::move(detail), 0}
    {
    }

    bool ok() const { return !m_failed; }
    explicit operator bool() const { return ok(); }
    const Error &error() const
    {
        assert(!ok());
        return m_error;
    }

private:
    bool m_failed = false;
    Error m_error;
};

} // namespace restante
