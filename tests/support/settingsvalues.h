// SPDX-License-Identifier: GPL-3.0-or-later
// Values of settings from the texts that operators write.
#pragma once

#include "settings/enteredname.h"
#include "settings/relayentry.h"

namespace restante::test
{

/// What must be one.
template <typename T>
T parsed(const QString &text)
{
    T value{};
    if (const auto wrong = settings::parse(text, value))
        qFatal("%s", qPrintable(settings::sentence(*wrong)));
    return value;
}

template <typename T>
QList<T> parsedAll(const QStringList &texts)
{
    QList<T> values;
    for (const QString &text : texts)
        values.append(parsed<T>(text));
    return values;
}

inline QList<matrix::ServerName> serverNames(const QStringList &texts)
{
    return parsedAll<matrix::ServerName>(texts);
}

inline QList<settings::ListenAddress> listenAddresses(const QStringList &texts)
{
    return parsedAll<settings::ListenAddress>(texts);
}

inline settings::ServedEntry servedEntry(const QString &name, const QString &petname = {},
                                         const QStringList &knownOrigins = {})
{
    return {parsed<matrix::ServerName>(name), petname, serverNames(knownOrigins), {}};
}

inline settings::RelayEntry relayEntry(const settings::RelayTexts &texts)
{
    settings::RelayEntry entry;
    if (const auto wrong = settings::parse(texts, entry))
        qFatal("%s", qPrintable(settings::sentence(wrong->complaint)));
    return entry;
}

} // namespace restante::test
