// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/answerbox.h"
#include "base/taskthread.h"
#include "queue/reader.h"
#include "queue/writer.h"

#include <QtCore/QObject>

#include <atomic>
#include <functional>
#include <memory>

namespace restante::queue
{

/// Reads the queue for people, in a thread of its own, so that nobody's window waits for a disk. Lives in the main
/// thread; answers come there, later, and not after `context` or the desk is gone.
class InspectionDesk
{
public:
    template <typename T>
    using Done = std::function<void(Result<T>)>;

    /// `writer` outlives the desk.
    explicit InspectionDesk(Writer &writer);
    ~InspectionDesk();
    Q_DISABLE_COPY_MOVE(InspectionDesk)

    /// Runs `question` in the desk's thread: for whatever else reads the same database and may take its time.
    template <typename T>
    void ask(std::function<Result<T>(Inspector &)> question, QObject *context, Done<T> done)
    {
        m_thread.post([this, question = std::move(question), answer = m_answers.to<T>(context, std::move(done))] {
            answer(question(*m_inspector));
        });
    }
    void totals(QObject *context, Done<Totals> done);
    void entries(const HeldFor &what, matrix::EntryId after, int limit, QObject *context, Done<EntryPage> done);
    /// The ids of all that is held and not damaged.
    void ids(const HeldFor &what, QObject *context, Done<QList<matrix::EntryId>> done);
    void entry(const matrix::ServerName &destination, matrix::EntryId id, QObject *context, Done<HeldEntry> done);
    /// Writes held entries to `file`, mode 0600, one JSON object a line in the order of their ids; empty `ids` means
    /// all. The file appears whole or not at all. The value is the number of entries written. Errc::Io, StorageFailed.
    void exportEntries(const HeldFor &what, QList<matrix::EntryId> ids, const QString &file, QObject *context,
                       Done<qint64> done);

private:
    Writer &m_writer;
    base::AnswerBox m_answers;
    std::unique_ptr<Inspector> m_inspector; ///< made, used and destroyed in m_thread
    std::atomic<bool> m_closing{false};     ///< a long export stops at its next entry
    base::TaskThread m_thread;              ///< the last member: it ends before what it uses
};

} // namespace restante::queue
