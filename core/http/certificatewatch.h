// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "http/tlsfiles.h"

#include <QtCore/QFileSystemWatcher>
#include <QtCore/QObject>
#include <QtCore/QTimer>
#include <QtNetwork/QSslConfiguration>

#include <optional>

namespace restante::http
{

/// Looks after a certificate that a front uses: tells when the files hold a new one that can be used, and when the
/// one in use comes to its end. Follows links, as renewers like to set them, and renames. Lives in the main thread, and
/// blocks it for some milliseconds when the files have changed.
class CertificateWatch final : public QObject
{
    Q_OBJECT

public:
    enum class Validity {
        Good,
        EndsSoon, ///< within WarnMs
        NotNow,   ///< it has ended, or has not begun: a client that checks it does not connect
    };

    /// How long before its end a certificate is warned of.
    static constexpr qint64 WarnMs = qint64(14) * 24 * 3'600'000;
    /// After a change, until the files are read: a renewer writes one after the other.
    static constexpr int SettleMs = 1'000;
    /// How often a pair that does not fit is read again before it counts as one that will not.
    static constexpr int MostTries = 10;
    /// For file systems that do not tell of changes (those of a network), and for the time of day.
    static constexpr int RoundMs = 5 * 60'000;

    /// `inUse` was read from `files`; nothing: they are read now. The clock outlives it.
    CertificateWatch(TlsFiles files, std::optional<QSslConfiguration> inUse, const base::Clock &clock,
                     QObject *parent = nullptr);

    /// Looks now. Timers and the system's messages call it.
    void look();
    /// What is to be used; nothing until the files have held a pair that can be.
    const std::optional<QSslConfiguration> &inUse() const { return m_inUse; }
    /// Of the certificate in use; good if there is none.
    Validity validity() const;
    /// One sentence on the certificate in use that names its file; empty if it is good.
    QString validityText() const;
    /// Why what is in the files now cannot be used; nothing while it is in use.
    const std::optional<Error> &refused() const { return m_refused; }

Q_SIGNALS:
    /// The files hold this now: another certificate or key than before, and the two fit.
    void renewed(const QSslConfiguration &tls);
    /// `validity` or `refused` tell something else.
    void changed();

private:
    void follow();
    void readFiles();
    void take(const QSslConfiguration &tls);
    void refuse(const Error &error);
    void tellValidity();

    const TlsFiles m_files;
    const base::Clock &m_clock;
    std::optional<QSslConfiguration> m_inUse;
    QString m_seen; ///< what the files looked like when they were read last; empty: they are to be read in any case
    std::optional<Error> m_refused;
    Validity m_told = Validity::Good;
    int m_tries = 0;
    QFileSystemWatcher m_watcher;
    QTimer m_settle;
    QTimer m_round;
};

} // namespace restante::http
