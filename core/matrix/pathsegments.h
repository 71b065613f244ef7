// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QByteArrayView>
#include <QtCore/QList>

namespace restante::matrix
{

/// The raw segments of a request target's path, split at '/', nothing decoded; the query is left out. "/a//b?x" gives
/// {"a", "", "b"}. Views into `target`. Nothing for a target that does not begin with '/'.
QList<QByteArrayView> pathSegments(QByteArrayView target);
/// Percent-decodes one segment once. Errc::InvalidParam if a '%' is not followed by two hex digits.
Result<QByteArray> decodeSegment(QByteArrayView segment);

} // namespace restante::matrix
