// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QJsonObject>
#include <QtCore/QString>
#include <QtNetwork/QLocalSocket>

#include <functional>
#include <memory>

namespace restante::control
{

/// A client of the control socket, for programs that have nothing else to do than wait: every call blocks. Lives in the
/// thread that made it, which needs no event loop.
class Client
{
public:
    using Progress = std::function<void(const QJsonObject &value)>;

    /// Connects to the program that runs with `dataFolder`; tries for `waitMs` if it has only just started.
    /// Errc::Unreachable if none runs, Refused, Busy or Io if there is one that cannot be talked to.
    static Result<std::unique_ptr<Client>> open(const QString &dataFolder, int waitMs = 0);
    Q_DISABLE_COPY_MOVE(Client)

    /// The program's name and version, as it says.
    const QString &program() const { return m_program; }
    const QString &version() const { return m_version; }

    /// Asks and waits for the answer, however long the program works on it; at most `waitMs` if that is not -1
    /// (Errc::Busy then). An error of the program comes as it is; Errc::Io if the program ended meanwhile.
    Result<QJsonObject> call(const QString &command, const QJsonObject &arguments, const Progress &progress = {},
                             int waitMs = -1);

private:
    Client() = default;

    Result<void> connectTo(const QString &dataFolder);
    Result<void> readHello();
    Result<QJsonObject> readObject(int waitMs);

    QLocalSocket m_socket;
    QString m_program;
    QString m_version;
    qint64 m_lastId = 0;
};

} // namespace restante::control
