// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QString>

#include <functional>
#include <memory>

namespace restante::nearby
{

/// Which Matrix servers say on the local network, by mDNS, that they are there. Whoever is on that network can say
/// anything: a name that was heard is a hint where to try, and proves nothing. Main thread.
class Neighbours
{
public:
    struct Wish {
        QByteArray announce = {}; ///< the server name to be told; empty: none
        bool watch = false;       ///< whether others are listened to
        bool isNothing() const { return announce.isEmpty() && !watch; }

        friend bool operator==(const Wish &, const Wish &) = default;
    };
    struct Standing {
        bool announces = false; ///< the network was told
        bool watches = false;
        QString trouble = {}; ///< English: why not all that is wished for is done; empty if it is

        friend bool operator==(const Standing &, const Standing &) = default;
    };
    /// Whom it tells, in the main thread and not from inside a call.
    struct Listener {
        std::function<void(const QByteArray &server)> heard = {}; ///< a name, as somebody wrote it
        std::function<void()> changed = {};                       ///< `standing` tells something else
    };

    static constexpr int MostServices = 64;               ///< of others that it looks at
    static constexpr auto ServiceType = "_restante._tcp"; ///< with the server name as `name` in its text

    virtual ~Neighbours() = default;
    /// What is to be done from now on; nothing at first.
    virtual void want(const Wish &wish) = 0;
    virtual Standing standing() const = 0;
};

/// The file of the part that talks to Avahi: beside the program, or where packages have it. A part of its own, because
/// QtDBus with its libraries is a cost that nobody has who does not ask for this.
QString partFile();

/// By Avahi, over the system's D-Bus. If that part cannot be loaded: one that does nothing and says why.
std::unique_ptr<Neighbours> makeNeighbours(Neighbours::Listener listener, const QString &file = partFile());

} // namespace restante::nearby
