// SPDX-License-Identifier: GPL-3.0-or-later
#include "telemetry/logging.h"

namespace restante
{

Q_LOGGING_CATEGORY(lcApp, "restante.app", QtInfoMsg)
Q_LOGGING_CATEGORY(lcIdentity, "restante.identity", QtInfoMsg)
Q_LOGGING_CATEGORY(lcQueue, "restante.queue", QtInfoMsg)
Q_LOGGING_CATEGORY(lcRelay, "restante.relay", QtInfoMsg)
Q_LOGGING_CATEGORY(lcNode, "restante.node", QtInfoMsg)
Q_LOGGING_CATEGORY(lcHttp, "restante.http", QtInfoMsg)
Q_LOGGING_CATEGORY(lcControl, "restante.control", QtInfoMsg)
Q_LOGGING_CATEGORY(lcTelemetry, "restante.telemetry", QtInfoMsg)
Q_LOGGING_CATEGORY(lcUi, "restante.ui", QtInfoMsg)

namespace telemetry
{

void applyLogRules(const QString &rules)
{
    QString lines = rules;
    QLoggingCategory::setFilterRules(lines.replace(QLatin1Char(';'), QLatin1Char('\n')));
}

} // namespace telemetry
} // namespace restante
