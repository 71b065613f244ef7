// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QLoggingCategory>

namespace restante::http
{

Q_DECLARE_LOGGING_CATEGORY(lcHttp) ///< restante.http

} // namespace restante::http
