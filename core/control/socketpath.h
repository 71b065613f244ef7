// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/ondisk.h"
#include "base/result.h"

#include <QtCore/QString>

#include <memory>

namespace restante::control
{

/// Where the control socket of a data folder is: the file `control` in the folder. Names of sockets are short (108
/// bytes on Linux): for a folder whose own name leaves no room it is a file named after a hash of the folder's path, in
/// the session's runtime folder, or if there is none of this user's alone, in a folder `restante-UID` of this user
/// beside the temporary files. Where the server makes it.
QString socketPath(const QString &dataFolder);
/// Makes that folder beside the temporary files, if `socket`, as socketPath gives it, is in one. Errc::Refused if
/// something of another user has its name, or it is open to others.
Result<void> prepareSocketFolder(const QString &socket);
/// Where a client finds it: the same, or where the server that runs has put it, whose session has another runtime
/// folder.
QString findSocket(const QString &dataFolder);

/// The link `control` in a data folder to a socket that has no room there. Removed with its owner.
class SocketLink
{
public:
    /// Makes it where `socket`, as socketPath gives it, is elsewhere. Errc::Io if that fails.
    static Result<std::unique_ptr<SocketLink>> make(const QString &dataFolder, const QString &socket);
    ~SocketLink();
    Q_DISABLE_COPY_MOVE(SocketLink)

private:
    explicit SocketLink(QString path);

    const QString m_path; ///< empty if there is no need for it
    base::PlacedFile m_target;
};

} // namespace restante::control
