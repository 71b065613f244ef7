// SPDX-License-Identifier: GPL-3.0-or-later
// How server names are shown: people think in friends, not in 64 hex digits.
#pragma once

#include "settings/settings.h"

#include <QtCore/QHash>
#include <QtCore/QString>

namespace restante::ui
{

/// A self-certifying name by its first and last characters, "3f2a71…9c04"; any other name as it is.
QString shortName(const QString &serverName);

/// A Matrix id for a place that is written from right to left, where its first character would wander to the end.
/// Unchanged in a window that is written from left to right.
QString leftToRight(const QString &id);

/// The operator's own names for servers. A value type.
class PetNames
{
public:
    PetNames() = default;
    /// Of the served destinations, and of the relays; a server that is both goes by its name as a friend.
    explicit PetNames(const settings::Settings &settings);

    /// The petname alone, or the short name if there is none: for sentences.
    QString called(const QString &serverName) const;
    /// Petname and short name, "anna (3f2a71…9c04)": for lists.
    QString listed(const QString &serverName) const;
    QString petname(const QString &serverName) const { return m_names.value(serverName); }

    friend bool operator==(const PetNames &a, const PetNames &b) { return a.m_names == b.m_names; }
    friend bool operator!=(const PetNames &a, const PetNames &b) { return !(a == b); }

private:
    QHash<QString, QString> m_names;
};

} // namespace restante::ui
