// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "control/operations.h"

#include <QtCore/QJsonObject>
#include <QtCore/QObject>

#include <functional>

namespace restante::control
{

class SettingsEdits;

/// What commands work with.
struct Desk {
    Operations &operations;
    SettingsEdits &edits;
    std::function<bool()> raiseWindow;                 ///< false if there is no window
    std::function<bool(const QString &link)> openCard; ///< in the window; false if there is none
};

/// One request while it is being answered; the context of every callback that a command asks for. Main thread.
class Request final : public QObject
{
    Q_OBJECT

public:
    /// `write` sends a line; with `mayWait` it may be left out when the client is slow to read.
    using Write = std::function<void(const QByteArray &line, bool mayWait)>;

    Request(const Desk &desk, qint64 id, QJsonObject arguments, Write write);

    Operations &operations() const { return m_desk.operations; }
    const Desk &desk() const { return m_desk; }
    const QJsonObject &arguments() const { return m_arguments; }

    /// How far it is; a client that reads slowly misses some.
    void progress(const QJsonObject &value);
    /// The answer; only the first one counts.
    void finish(const Result<QJsonObject> &result);
    /// Calls `undo` if the client leaves before the answer.
    void whenAbandoned(std::function<void()> undo) { m_undo = std::move(undo); }
    /// The client has left.
    void abandon();

    /// Hands `make(value)` or the error on as the answer, for calls that are answered by one callback.
    template <typename T, typename Make>
    std::function<void(Result<T>)> answer(Make make)
    {
        return [this, make = std::move(make)](const Result<T> &result) {
            if (result)
                finish(QJsonObject(make(*result)));
            else
                finish(result.error());
        };
    }

Q_SIGNALS:
    /// The answer was given.
    void finished();

private:
    const Desk &m_desk;
    const qint64 m_id;
    const QJsonObject m_arguments;
    Write m_write;
    std::function<void()> m_undo;
    bool m_ended = false;
};

} // namespace restante::control
