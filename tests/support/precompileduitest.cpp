// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing but the precompiled header of the window's tests.
#include "precompileduitest.h"
