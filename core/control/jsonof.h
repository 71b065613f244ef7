// SPDX-License-Identifier: GPL-3.0-or-later
// What the control socket says of each value. Times are ms since 1970, 0 = never; sizes are bytes.
#pragma once

#include "control/operations.h"

#include <QtCore/QJsonArray>
#include <QtCore/QJsonObject>

namespace restante::control
{

QJsonObject jsonOf(const ApplianceStatus &status);
QJsonObject jsonOf(const IdentityCard &card);
QJsonObject jsonOf(const ServerKeys &keys);
/// `users`: with the localparts that each queue's mail is for.
QJsonObject jsonOf(const queue::Totals &totals, bool users);
/// "hour", "day" or "month".
QString spanName(telemetry::TrafficSpan span);
QJsonObject jsonOf(const telemetry::TrafficReport &report);
QJsonObject jsonOf(const queue::EntryPage &page);
QJsonObject jsonOf(const queue::Sending &row);
/// `entry`: what the settings say of the same association.
QJsonObject jsonOf(const node::RelayStatus &status, const settings::RelayEntry &entry);
QJsonObject jsonOf(const node::RelayReport &report);
QJsonObject jsonOf(const node::Sweep &sweep);
QJsonObject jsonOf(const node::InboxPage &page);
QJsonObject jsonOf(const node::DestinationRow &row);
QJsonObject jsonOf(const node::SendReport &report);

/// An answer that carries such a line. It goes as a text: JSON values do not keep numbers as they were spelled.
QJsonObject lineAnswer(const QByteArray &line);
/// The list `of` by `make`.
template <typename List, typename Make>
QJsonArray arrayOf(const List &list, Make make)
{
    QJsonArray array;
    for (const auto &element : list)
        array.append(make(element));
    return array;
}

} // namespace restante::control
