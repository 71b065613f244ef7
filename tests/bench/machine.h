// SPDX-License-Identifier: GPL-3.0-or-later
// What the measuring machine is and what it can do by itself.
#pragma once

#include "base/result.h"

#include <QtCore/QByteArray>
#include <QtCore/QList>
#include <QtCore/QPair>
#include <QtCore/QString>

#include <vector>

namespace restante::bench
{

/// Names and values that describe the machine: processor, cores, memory, kernel, file system of `folder`, versions.
QList<QPair<QString, QString>> describeMachine(const QString &folder);

/// True if `folder` lies in memory only: nothing measured there says anything of a disk.
bool liesInMemory(const QString &folder);

/// Milliseconds that a write of 4 KiB with fdatasync takes in `folder`, sorted.
Result<std::vector<double>> syncTimes(const QString &folder, int count);

/// Processor microseconds of one ed25519 verification of a message of `bytes`, as libsodium does it here and now.
double verificationUs(int bytes);

/// Seconds that a plain writer needs for `count` entries of `bytes` each, `batch` of them between two fsyncs, with no
/// network, no checks and no order but arrival: as a file that grows, and as one SQLite table (WAL, synchronous=FULL).
struct PlainWriterTimes {
    double file = 0;
    double sqlite = 0;
};
Result<PlainWriterTimes> plainWriterTimes(const QString &folder, qint64 count, qint64 bytes, int batch);

} // namespace restante::bench
