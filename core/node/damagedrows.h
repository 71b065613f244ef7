// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"

#include <functional>
#include <vector>

namespace restante::node
{

/// Whether it failed because a page of the database is damaged.
template <typename T>
bool isCorrupt(const Result<T> &done)
{
    return !done && done.error().code == Errc::Corrupt;
}

/// Changes `count` rows although some of them are damaged: `change` is called for ranges [from, to) of them, first for
/// all and then for halves of what met damage. Each call is a transaction of its own, because one that met damage can
/// do nothing more. The value is the rows that could not be changed; other errors end it.
Result<std::vector<size_t>> changeAroundDamage(size_t count,
                                               const std::function<Result<void>(size_t from, size_t to)> &change);

} // namespace restante::node
