// SPDX-License-Identifier: GPL-3.0-or-later
#include "control/arguments.h"

#include "settings/enteredname.h"
#include "settings/relayentry.h"

#include <QtCore/QFileInfo>
#include <QtCore/QJsonArray>

#include <algorithm>

using namespace Qt::Literals::StringLiterals;

namespace restante::control
{

namespace
{
/// 0 for what is not an id.
qint64 idOf(const QJsonValue &value)
{
    const qint64 id = value.toInteger();
    return id > 0 && id <= matrix::EntryId::Largest ? id : 0;
}
} // namespace

QJsonValue Arguments::take(QLatin1String key)
{
    m_taken.append(key);
    return m_object.value(key);
}

void Arguments::refuse(const QString &text)
{
    if (!m_problem)
        m_problem = Error{Errc::InvalidParam, text, 0};
}

void Arguments::refuse(QLatin1String key, const settings::Complaint &complaint)
{
    refuse(settings::sentence(complaint.about(QString(key))));
}

matrix::ServerName Arguments::serverName(QLatin1String key)
{
    // Mail of any name that the wire allows may be held here, so no more than that is asked for.
    matrix::ServerName name;
    if (const auto wrong = settings::parse(text(key), name))
        refuse(key, *wrong);
    return name;
}

matrix::ServerName Arguments::newServerName(QLatin1String key)
{
    auto name = serverName(key);
    if (m_problem)
        return name;
    if (const auto wrong = settings::whyImpossible(name))
        refuse(key, *wrong);
    return name;
}

matrix::ServerName Arguments::optionalServerName(QLatin1String key)
{
    return m_object.contains(key) ? serverName(key) : matrix::ServerName();
}

QString Arguments::text(QLatin1String key)
{
    const QJsonValue value = take(key);
    if (value.toString().isEmpty())
        refuse(u"%1: a text is expected"_s.arg(key));
    return value.toString();
}

QString Arguments::optionalText(QLatin1String key)
{
    const QJsonValue value = take(key);
    if (!value.isUndefined() && !value.isString())
        refuse(u"%1: a text is expected"_s.arg(key));
    return value.toString();
}

std::optional<QString> Arguments::givenText(QLatin1String key)
{
    return m_object.contains(key) ? std::optional(optionalText(key)) : std::nullopt;
}

std::optional<QList<matrix::ServerName>> Arguments::givenServerNames(QLatin1String key)
{
    const QJsonValue value = take(key);
    if (value.isUndefined())
        return std::nullopt;
    QList<matrix::ServerName> names;
    bool wrongType = !value.isArray();
    const QJsonArray list = value.toArray();
    for (const auto &element : list) {
        wrongType = wrongType || element.toString().isEmpty();
        if (const auto wrong = settings::parse(element.toString(), names.emplaceBack()); wrong && !wrongType)
            refuse(key, *wrong);
    }
    if (wrongType)
        refuse(u"%1: a list of texts is expected"_s.arg(key));
    return names;
}

bool Arguments::flag(QLatin1String key)
{
    const QJsonValue value = take(key);
    if (!value.isUndefined() && !value.isBool())
        refuse(u"%1: true or false is expected"_s.arg(key));
    return value.toBool();
}

QString Arguments::file(QLatin1String key)
{
    QString path = text(key);
    if (!QFileInfo(path).isAbsolute())
        refuse(u"%1: an absolute path is expected"_s.arg(key));
    return path;
}

QString Arguments::optionalFile(QLatin1String key)
{
    return m_object.contains(key) ? file(key) : QString();
}

qint64 Arguments::id(QLatin1String key)
{
    const qint64 id = idOf(take(key));
    if (id == 0)
        refuse(u"%1: the number of an entry is expected"_s.arg(key));
    return id;
}

QList<qint64> Arguments::ids(QLatin1String key)
{
    const QJsonValue value = take(key);
    QList<qint64> ids;
    const QJsonArray list = value.toArray();
    for (const auto &element : list)
        ids.append(idOf(element));
    if ((!value.isUndefined() && !value.isArray()) || ids.contains(0))
        refuse(u"%1: a list of the numbers of entries is expected"_s.arg(key));
    return ids;
}

qint64 Arguments::number(QLatin1String key, qint64 fallback, qint64 least, qint64 most)
{
    const QJsonValue value = take(key);
    if (value.isUndefined())
        return fallback;
    const qint64 number = value.toInteger(least - 1);
    if (number < least || number > most)
        refuse(u"%1: a whole number from %2 to %3 is expected"_s.arg(key).arg(least).arg(most));
    return number;
}

QList<SettingChange> Arguments::settingChanges()
{
    if (!m_object.contains("changes"_L1)) {
        const QString key = text("key"_L1);
        return {{key, optionalText("value"_L1)}};
    }
    QList<SettingChange> changes;
    const QJsonArray list = take("changes"_L1).toArray();
    for (const auto &element : list) {
        const QJsonObject pair = element.toObject();
        if (pair.size() != 2 || pair.value("key"_L1).toString().isEmpty() || !pair.value("value"_L1).isString())
            refuse(u"changes: each needs a key and a value, which are texts"_s);
        const QString key = pair.value("key"_L1).toString();
        if (std::any_of(changes.cbegin(), changes.cend(), [&key](const auto &other) { return other.key == key; }))
            refuse(u"%1 is given twice"_s.arg(key));
        changes.append({key, pair.value("value"_L1).toString()});
    }
    if (changes.isEmpty())
        refuse(u"changes: a list of settings is expected"_s);
    return changes;
}

std::optional<Error> Arguments::problem()
{
    for (auto member = m_object.constBegin(); !m_problem && member != m_object.constEnd(); ++member) {
        if (!m_taken.contains(member.key()))
            refuse(u"there is no argument \"%1\""_s.arg(member.key()));
    }
    return m_problem;
}

QList<matrix::EntryId> entryIds(const QList<qint64> &ids)
{
    QList<matrix::EntryId> list;
    list.reserve(ids.size());
    for (const qint64 id : ids)
        list.append(matrix::EntryId{id});
    return list;
}

settings::RelayEntry relayNamed(Arguments &arguments)
{
    settings::RelayEntry named;
    named.relay = arguments.serverName("relay"_L1);
    if (const QString destination = arguments.optionalText("destination"_L1); !destination.isEmpty()) {
        if (const auto wrong = settings::parse(destination, named.destination))
            arguments.refuse("destination"_L1, *wrong);
    }
    return named;
}

RelayOptions::RelayOptions(Arguments &arguments)
    : m_overlay(arguments.flag("overlay"_L1))
    , m_noOverlay(arguments.flag("no_overlay"_L1))
{
    if (const auto url = arguments.givenText("url"_L1)) {
        if (const auto wrong = settings::parse(*url, m_url.emplace()))
            arguments.refuse("url"_L1, *wrong);
    }
    if (const auto pin = arguments.givenText("pin"_L1)) {
        if (const auto wrong = settings::parsePin(*pin, m_pin.emplace()))
            arguments.refuse("pin"_L1, *wrong);
    }
    if (m_overlay && m_noOverlay)
        arguments.refuse(u"overlay: either it is one or it is not"_s);
}

void RelayOptions::applyTo(settings::RelayEntry &entry) const
{
    entry.url = m_url.value_or(entry.url);
    entry.pin = m_pin.value_or(entry.pin);
    entry.overlay = m_overlay || (entry.overlay && !m_noOverlay);
}

} // namespace restante::control
