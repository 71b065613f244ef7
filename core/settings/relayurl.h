// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "settings/complaint.h"

#include <QtCore/QByteArray>
#include <QtCore/QString>

namespace restante::settings
{

/// Where a relay is: `http://` or `https://`, a host and a port, without path, query or user. Null: it is found by its
/// name.
class RelayUrl
{
public:
    bool isNull() const { return m_text.isEmpty(); }
    /// As it was written.
    const QString &toString() const { return m_text; }
    /// As requests are made: without path, the scheme in small letters, the host as DNS has it.
    const QByteArray &place() const { return m_place; }
    bool isTls() const { return m_place.startsWith("https://"); }
    /// A literal loopback address. Names are not resolved: what "localhost" leads to is somebody else's word.
    bool isLoopback() const { return m_loopback; }

    friend bool operator==(const RelayUrl &a, const RelayUrl &b) { return a.m_text == b.m_text; }
    friend MaybeComplaint parse(const QString &text, RelayUrl &out);

private:
    QString m_text;
    QByteArray m_place;
    bool m_loopback = false;
};

/// An empty text gives null.
MaybeComplaint parse(const QString &text, RelayUrl &out);

} // namespace restante::settings
