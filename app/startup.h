// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/result.h"
#include "settings/options.h"

#include <QtCore/QStringList>

#include <optional>
#include <variant>

namespace restante::app
{

/// Exit statuses of both programs (core/README 9).
enum ExitStatus { Ended = 0, RuntimeFailure = 1, Unusable = 2 };

/// What ends the program with a failure: one clear line and the status for it.
struct StartFailure {
    ExitStatus status = RuntimeFailure;
    QString line;
};
StartFailure startFailure(const Error &error);

/// Prints what --help and --version ask for and gives the exit status then; nothing if neither is given. Needs no
/// QCoreApplication.
std::optional<ExitStatus> answerAtOnce(const settings::Options &options);

/// Reads the command line. Prints what --help and --version ask for, or the one line that says what cannot be used, and
/// gives the exit status then.
std::variant<settings::Options, ExitStatus> readOptions(const QStringList &arguments);

/// From now on a file that is mapped into memory and cannot be written, on a full disk with small blocks, ends the
/// program with a line and RuntimeFailure instead of a core dump.
void endWithWordsOnBusError();

/// Writes one line to standard error.
void complain(const QString &line);

} // namespace restante::app
