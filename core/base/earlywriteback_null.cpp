// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/earlywriteback.h"

namespace restante::base
{

EarlyWriteBack::EarlyWriteBack(const QString &file){Q_UNUSED(file)}

EarlyWriteBack::~EarlyWriteBack() = default;

} // namespace restante::base
