// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "identity/keyring.h"
#include "matrix/servername.h"

#include <QtCore/QByteArray>

#include <optional>
#include <vector>

namespace restante::federation
{

/// Servers that wait to be asked for their keys, and those that are being asked: whose turn it is. Each client's
/// address has a fair share, however many names it comes with, and some places are kept for servers whose mail is
/// wanted, so that names of strangers which never answer stop nobody else. Lives in the client's thread.
class LookupLine
{
public:
    using Favour = identity::KeyRing::Favour;

    static constexpr int MostAsked = 96; ///< at once; the client has places for 256
    /// Of them, for those that the operator named, and as many more for those that proved themselves before.
    static constexpr int KeptPlaces = 8;
    static constexpr int MostAskedOfOneAddress = 4; ///< but for those that the operator named
    static constexpr size_t MostWaiting = 256;      ///< of those that nobody knows, and of those that proved themselves

    /// What became of one more.
    struct Added {
        bool isIn = false;
        std::optional<matrix::ServerName> pushedOut; ///< the newest of the address that has most
    };

    /// `addressKey` is of the client that caused it. If the line is full, an address that has fewer in it gets a place
    /// of the one that has most. Whatever the operator named always gets in: those are as few as were named.
    Added add(const matrix::ServerName &server, const QByteArray &addressKey, Favour favour);
    /// The next one to be asked, which counts as asked from now on; nothing while no place is free for any. Of those
    /// that are worth the same, one of the address that has fewest asked, and of those the one that waits longest.
    std::optional<matrix::ServerName> next();
    /// It was asked, and has its answer.
    void ended(const matrix::ServerName &server);

private:
    struct Place {
        matrix::ServerName server;
        QByteArray addressKey;
        Favour favour;
    };

    bool mayGo(const Place &place) const;
    int askedOf(const QByteArray &addressKey) const;

    std::vector<Place> m_waiting; ///< in the order of coming
    std::vector<Place> m_asked;
};

} // namespace restante::federation
