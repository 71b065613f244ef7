// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "federation/authoritiesnote.h"

#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QTimer>

#include <functional>
#include <tuple>

namespace restante::app
{

/// Tells the operator while no certificate of another server can be checked, because the file of federation.ca_file
/// is gone or damaged or the system's authorities cannot be read. Looks at the file once in a while, and often while
/// something is wrong. Lives in the main thread; only `note` is for all.
class AuthoritiesWatch final : public QObject
{
    Q_OBJECT

public:
    static constexpr int RoundMs = 60'000;
    static constexpr int TroubledMs = 3'000;

    /// `caFile` is the one that is in use; empty = none. `noticed` is called in any thread, when `look` is to be called
    /// in the main one; it must only post.
    AuthoritiesWatch(QString caFile, std::function<void()> noticed);

    /// What the client tells.
    federation::AuthoritiesNote &note() { return m_note; }
    /// Looks now. Reads the file.
    void look();
    /// One English sentence; empty if all is well.
    const QString &trouble() const { return m_trouble; }

Q_SIGNALS:
    /// `trouble` tells something else.
    void changed();

private:
    const QString m_caFile;
    federation::AuthoritiesNote m_note;
    QTimer m_timer;
    bool m_fileTrouble = false;
    std::tuple<qint64, qint64> m_looks{-1, -1}; ///< size and time of the last change when the file was read last
    QString m_trouble;
};

} // namespace restante::app
