// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace restante::http
{

/// What a guard answers instead of going on.
struct Refusal {
    int status = 400;
    const char *reason = ""; ///< English, for the error body
};

} // namespace restante::http
