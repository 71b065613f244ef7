// SPDX-License-Identifier: GPL-3.0-or-later
#include "node/damagedrows.h"

#include <utility>

namespace restante::node
{

Result<std::vector<size_t>> changeAroundDamage(size_t count,
                                               const std::function<Result<void>(size_t from, size_t to)> &change)
{
    std::vector<size_t> damaged;
    std::vector<std::pair<size_t, size_t>> left{{0, count}};
    while (!left.empty()) {
        const auto [from, to] = left.back();
        left.pop_back();
        if (from == to)
            continue;
        const auto done = change(from, to);
        if (done)
            continue;
        if (!isCorrupt(done))
            return done.error();
        if (to - from == 1) {
            damaged.push_back(from);
            continue;
        }
        const size_t middle = from + (to - from) / 2;
        left.emplace_back(middle, to);
        left.emplace_back(from, middle);
    }
    return damaged;
}

} // namespace restante::node
