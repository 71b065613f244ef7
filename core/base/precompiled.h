// SPDX-License-Identifier: GPL-3.0-or-later
// The Qt headers that nearly every translation unit of the core reads. Keep it short: it is compiled for each target.
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QHash>
#include <QtCore/QList>
#include <QtCore/QLoggingCategory>
#include <QtCore/QObject>
#include <QtCore/QString>
#include <QtCore/QTimer>
#include <QtNetwork/QHostAddress>
#include <QtSql/QSqlQuery>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>
#include <vector>
