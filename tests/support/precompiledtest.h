// SPDX-License-Identifier: GPL-3.0-or-later
// What nearly every test reads.
#pragma once

#include "base/precompiled.h"

#include <QtCore/QTemporaryDir>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>
