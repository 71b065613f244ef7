// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Ends the run, and so reports the input, if something that always holds does not.
inline void invariant(bool holds)
{
    if (!holds)
        std::abort();
}
