// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QString>

namespace restante::ui
{

/// One translated sentence for what went wrong, with a full stop. The error's English detail is not part of it: show
/// that only on demand.
QString sentence(const Error &error);

} // namespace restante::ui
