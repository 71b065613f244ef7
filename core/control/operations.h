// SPDX-License-Identifier: GPL-3.0-or-later
// What an operator can see and do, the same for the window and for restantectl.
#pragma once

#include "base/result.h"
#include "matrix/entryid.h"
#include "matrix/servername.h"
#include "queue/types.h"
#include "settings/settings.h"

#include <QtCore/QObject>

#include <functional>

namespace restante::control
{

/// The one value that window, tray, restantectl and metrics render alike.
struct ApplianceStatus {
    enum class State { Running, Paused, Degraded, Stopped };
    State state = State::Stopped;
    QList<Error> reasons; ///< why Degraded or Stopped; empty otherwise
    QString serverName;
    QStringList addresses;    ///< where the relay listens, as URLs
    bool loopbackOnly = true; ///< only this computer can reach the relay
    bool openRelay = false;
    int served = 0; ///< served destinations
    qint64 heldEntries = 0;
    qint64 heldBytes = 0;
    qint64 accepted = 0;      ///< entries stored since the start
    qint64 handedOver = 0;    ///< entries acknowledged since the start
    qint64 lastContactMs = 0; ///< last verified request from another server; 0 = none since the start
};

/// Lives in the main thread; every callback and signal comes there, later (never from inside the call), and not after
/// `context` is gone. Nothing here blocks.
class Operations : public QObject
{
    Q_OBJECT

public:
    template <typename T>
    using Done = std::function<void(Result<T>)>;

    using QObject::QObject;

    virtual ApplianceStatus status() const = 0;
    virtual settings::Settings settings() const = 0;
    /// Validates, saves, applies. Errc::InvalidSetting names the key; nothing is changed then. The value tells whether
    /// a restart is needed for all of it to take effect.
    virtual void applySettings(const settings::Settings &changed, QObject *context, Done<bool> done) = 0;
    /// Saves it too. A failure comes as `failed`.
    virtual void setPaused(bool paused) = 0;

    /// Says whether somebody looks at the totals: while true, `totalsChanged` comes after changes, at most 4 a second.
    virtual void setWatching(bool watching) = 0;
    virtual void fetchTotals(QObject *context, Done<queue::Totals> done) = 0;
    virtual void fetchEntries(const matrix::ServerName &destination, matrix::EntryId after, int limit, QObject *context,
                              Done<queue::EntryPage> done) = 0;
    virtual void fetchEntry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context,
                            Done<queue::HeldEntry> done) = 0;
    /// The value is the number of entries that were thrown away.
    virtual void discard(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids, QObject *context,
                         Done<qint64> done) = 0;
    virtual void discardAll(const matrix::ServerName &destination, QObject *context, Done<qint64> done) = 0;
    /// Writes entries to `file` (mode 0600) as one JSON object a line, bytes of events as they came. Empty `ids`: all
    /// of the destination. The value is the number written.
    virtual void exportEntries(const matrix::ServerName &destination, const QList<matrix::EntryId> &ids,
                               const QString &file, QObject *context, Done<qint64> done) = 0;

Q_SIGNALS:
    void statusChanged();
    void settingsChanged();
    /// Something that was asked for without a callback could not be done.
    void failed(restante::Error error);
    void totalsChanged(restante::queue::Totals totals);
};

} // namespace restante::control
