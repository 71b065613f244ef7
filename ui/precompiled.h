// SPDX-License-Identifier: GPL-3.0-or-later
// The Qt headers that nearly every translation unit of the window reads.
#pragma once

#include "base/precompiled.h"

#include <QtCore/QAbstractItemModel>
#include <QtWidgets/QApplication>
#include <QtWidgets/QDialog>
#include <QtWidgets/QLabel>
#include <QtWidgets/QLayout>
#include <QtWidgets/QPushButton>
#include <QtWidgets/QTreeView>
