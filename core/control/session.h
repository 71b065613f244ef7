// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/request.h"

#include <QtCore/QByteArray>
#include <QtCore/QTimer>
#include <QtNetwork/QLocalSocket>

#include <memory>

namespace restante::control
{

/// Bounds of what one client can take of the program.
struct SessionLimits {
    int idleMs = 300'000;      ///< without a complete request
    int writeStallMs = 30'000; ///< an answer of which nothing is read
    int connections = 16;
};

/// One client of the control socket: reads its requests one after another and answers each. Main thread. Promises:
/// keeps at most one line of input and one answer; cuts a client that sends more, reads nothing or says nothing for too
/// long.
class Session final : public QObject
{
    Q_OBJECT

public:
    /// `desk` outlives the session.
    Session(std::unique_ptr<QLocalSocket> socket, const Desk &desk, const SessionLimits &limits);
    ~Session() override;
    Q_DISABLE_COPY_MOVE(Session)

    /// The first line; the client's requests are read from now on.
    void greet(const QJsonObject &hello);

Q_SIGNALS:
    /// The client is gone, or was cut. Emitted once.
    void ended();

private:
    /// What the deadline is for.
    enum class Waiting { ForNobody, ForRequest, ForReader };

    void onReadyRead();
    void onWritten();
    void advance();
    void skip();
    qsizetype allowance() const;
    void answer(const QByteArray &line);
    void run(qint64 id, const QString &command, const QJsonObject &arguments);
    void write(const QByteArray &line, bool mayWait);
    void complain(const QJsonValue &id, const Error &error);
    void end();
    void watch();

    std::unique_ptr<QLocalSocket> m_socket;
    const Desk &m_desk;
    const SessionLimits m_limits;
    QTimer m_deadline;
    Waiting m_waiting = Waiting::ForNobody;
    QByteArray m_input;
    qsizetype m_searched = 0; ///< so much of m_input has no line feed
    std::unique_ptr<Request> m_request;
    bool m_skipping = false; ///< until the end of a line that is too long
    bool m_ended = false;
};

} // namespace restante::control
