// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "homeserver/configuration.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QString>

namespace restante::homeserver
{

/// How a homeserver gets at this installation. Holds the secret of the node listener: for the operator alone, never
/// for a log.
struct Access {
    QString host = {}; ///< of the node listener: an address, IPv6 without brackets
    int port = 0;
    QString secret = {};
    QString serverName = {}; ///< ours
    QString dataFolder = {}; ///< of this installation
};

/// Lines for one place.
struct Piece {
    enum class Kind {
        WayOut,   ///< Synapse sends through this node: for the end of `file`
        Instance, ///< the same, to be added below the `instance_map` that there is; WayOut then is without one
        Secret,   ///< Synapse has to show the secret of this node: a line, or all of a file
        Listener, ///< Synapse takes what this node delivers; to be added below `listeners`
        Delegate, ///< Dendrite says that mail for its name goes to the relay's front door; to be put below `global`
        Identity, ///< a command: this installation takes over the homeserver's name and key
    };
    Kind kind = Kind::WayOut;
    QString file = {};     ///< where they belong, as far as that is known
    bool isNew = false;    ///< that file does not exist yet; of Secret: it is all that may stand in it
    QString text = {};     ///< ready to be copied, each line with its line feed
    bool replaces = false; ///< it takes the place of a line that is there

    friend bool operator==(const Piece &, const Piece &) = default;
};

/// What stands in the place of a name that this computer cannot know.
inline constexpr QLatin1String FrontDoorBlank("FRONT_DOOR:8449");

/// What is to be added so that the homeserver and this installation work together; `configuration` may be empty but
/// for its software. What is there already is left out. Any thread.
QList<Piece> linesFor(const Configuration &configuration, const Access &access);

} // namespace restante::homeserver
