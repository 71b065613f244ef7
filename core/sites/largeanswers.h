// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QHash>

namespace restante::sites
{

/// Remembers how large the last answer to each owner was, so that one that asks for the same large mail again and again
/// is told from one that collects it. Lives in the worker's thread.
class LargeAnswers
{
public:
    /// Larger mail takes milliseconds to read: that is done beside the thread that serves.
    static constexpr qint64 LargeBytes = qint64(256) * 1024;
    /// Owners with large mail that are remembered; if there are more, all are forgotten.
    static constexpr qsizetype MostOwners = 1'024;

    LargeAnswers() = default;
    Q_DISABLE_COPY_MOVE(LargeAnswers)

    /// The answer to this owner had `bytes` bytes. True if the last one was large and had as many: it is asked for
    /// again.
    bool note(const QByteArray &owner, qint64 bytes);

private:
    QHash<QByteArray, qint64> m_bytesOf; ///< by owner: of the last answer, if it was large
};

} // namespace restante::sites
