// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/complaint.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

namespace restante::settings
{

/// Where the homeserver behind a node listens: `http://` and a loopback or private address with its port, because what
/// goes there is not encrypted, and anybody who gets it could use it. Null: there is none.
class HomeserverUrl
{
public:
    bool isNull() const { return m_place.isEmpty(); }
    QString toString() const { return QString::fromLatin1(m_place); }
    /// As requests are made: without path.
    const QByteArray &place() const { return m_place; }

    friend bool operator==(const HomeserverUrl &, const HomeserverUrl &) = default;
    friend MaybeComplaint parse(const QString &text, HomeserverUrl &out);

private:
    QByteArray m_place;
};

/// An empty text gives null.
MaybeComplaint parse(const QString &text, HomeserverUrl &out);

} // namespace restante::settings
