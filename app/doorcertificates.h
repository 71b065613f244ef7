// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "http/certificates.h"
#include "http/certificatewatch.h"
#include "settings/settings.h"

#include <QtCore/QObject>

#include <memory>
#include <vector>

namespace restante::app
{

/// The certificates that front doors have of their own: reads them, and looks after them while the relay runs. One that
/// cannot be used stops nothing: clients get the relay's own at that door. Lives in the main thread.
class DoorCertificates final : public QObject
{
    Q_OBJECT

public:
    /// The clock outlives it.
    explicit DoorCertificates(const base::Clock &clock, QObject *parent = nullptr);
    ~DoorCertificates() override;

    /// Errc::Io or Errc::InvalidSetting, with a sentence that names the server, if a certificate in `edited` that `now`
    /// does not have cannot be used. Blocks for some milliseconds for each.
    static Result<void> check(const settings::Settings &edited, const settings::Settings &now);
    /// Those of these doors from now on. `changed` follows if they are others.
    void setServed(const QList<settings::ServedEntry> &served);
    /// By the host that leads to the door: where the server is delegated to, and its own name.
    http::HostCertificates certificates() const;
    /// One sentence for each that cannot be used, or not for long, which names the server.
    QStringList troubles() const;

Q_SIGNALS:
    /// `certificates` or `troubles` tell something else.
    void changed();

private:
    struct Door;
    const base::Clock &m_clock;
    std::vector<Door> m_doors;
};

} // namespace restante::app
