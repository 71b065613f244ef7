// SPDX-License-Identifier: GPL-3.0-or-later
// What nearly every test of the window reads.
#pragma once

#include "precompiledtest.h"
#include "ui/precompiled.h"
