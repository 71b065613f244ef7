// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "matrix/entryid.h"
#include "matrix/servername.h"
#include "settings/complaint.h"
#include "settings/settings.h"

#include <QtCore/QJsonObject>
#include <QtCore/QList>
#include <QtCore/QString>
#include <QtCore/QStringList>

#include <optional>

namespace restante::control
{

/// What one setting is to be.
struct SettingChange {
    QString key;
    QString value; ///< as text; may be empty, which is an empty list
};

/// Reads the arguments of one request. Each call takes one member; the first thing that is wrong is kept for `problem`,
/// which a command asks for when it has read everything.
class Arguments
{
public:
    explicit Arguments(const QJsonObject &object)
        : m_object(object)
    {
    }

    matrix::ServerName serverName(QLatin1String key);
    /// One that is to be remembered: refused if nobody can have meant it (settings::whyImpossible).
    matrix::ServerName newServerName(QLatin1String key);
    /// Null if it is missing.
    matrix::ServerName optionalServerName(QLatin1String key);
    /// Not empty.
    QString text(QLatin1String key);
    /// Empty if it is missing.
    QString optionalText(QLatin1String key);
    /// Nothing if it is missing; it may be an empty text.
    std::optional<QString> givenText(QLatin1String key);
    /// Nothing if it is missing; it may be an empty list.
    std::optional<QList<matrix::ServerName>> givenServerNames(QLatin1String key);
    /// False if it is missing.
    bool flag(QLatin1String key);
    /// An absolute path.
    QString file(QLatin1String key);
    /// The same; empty if it is missing.
    QString optionalFile(QLatin1String key);
    /// An id of an entry: 0 < id ≤ 2^53−1.
    qint64 id(QLatin1String key);
    /// A list of ids; empty if it is missing.
    QList<qint64> ids(QLatin1String key);
    /// `fallback` if it is missing.
    qint64 number(QLatin1String key, qint64 fallback, qint64 least, qint64 most);
    /// "changes": a list of {"key", "value"} with at least one in it; or one such pair by itself.
    QList<SettingChange> settingChanges();
    /// "limit": how many rows of a list, 1 to 1000; 200 if it is missing.
    qint64 rows() { return number(QLatin1String("limit"), 200, 1, 1000); }

    /// Complains.
    void refuse(const QString &text);
    /// Complains about one argument.
    void refuse(QLatin1String key, const settings::Complaint &complaint);
    /// Errc::InvalidParam with the first thing that is wrong; members that nobody asked for are wrong, too.
    std::optional<Error> problem();

private:
    QJsonValue take(QLatin1String key);

    const QJsonObject &m_object;
    QStringList m_taken;
    std::optional<Error> m_problem;
};

QList<matrix::EntryId> entryIds(const QList<qint64> &ids);

/// The association that a command names with "relay" and "destination": a name that is a key in small letters, as it is
/// kept. Nothing else of it is known.
settings::RelayEntry relayNamed(Arguments &arguments);

/// What a request says about how a relay is reached; what it leaves out stays as it is.
class RelayOptions
{
public:
    explicit RelayOptions(Arguments &arguments);

    /// Is there anything?
    bool isGiven() const { return m_url || m_pin || m_overlay || m_noOverlay; }
    bool hasUrl() const { return m_url && !m_url->isNull(); }
    void applyTo(settings::RelayEntry &entry) const;

private:
    std::optional<settings::RelayUrl> m_url;
    std::optional<QByteArray> m_pin;
    bool m_overlay = false;
    bool m_noOverlay = false;
};

} // namespace restante::control
