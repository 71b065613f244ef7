// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/diskwatch.h"
#include "base/sqldialect.h"
#include "queue/checkpointer.h"
#include "queue/committer.h"
#include "queue/writer.h"

#include <QtCore/QStringList>
#include <QtCore/QThread>

#include <atomic>
#include <condition_variable>
#include <mutex>

namespace restante::queue
{

/// The thread of the Writer: owns the writing connection, takes all waiting operations at a time, keeps house in
/// between. `submit` and the accessors are for any thread; everything private below happens in the thread itself.
class WriterThread final : public QThread
{
public:
    WriterThread(Location location, Policy policy, const base::Clock &clock, Writer::Observers observers,
                 Tuning tuning);
    ~WriterThread() override; // NOLINT(bugprone-exception-escape)
    Q_DISABLE_COPY_MOVE(WriterThread)

    /// Starts the thread and waits until the database is open or has refused. Once.
    Result<void> open();
    /// Finishes what waits and ends the thread.
    void close();

    /// False if too many bytes wait already; only stores are refused.
    bool submit(Operation operation);
    AcknowledgedOverlay &overlay() { return m_overlay; }
    const Tail &tail() const { return m_tail; }
    const Location &location() const { return m_location; }
    quint64 edition() const { return m_edition.load(std::memory_order_acquire); }
    const matrix::DigestKey &digestKey() const { return m_digestKey; }
    const QueueCounters &counters() const { return m_counters; }
    const MailboxBoard &mailboxes() const { return m_mailboxes; }

protected:
    void run() override;

private:
    /// What exists only while the thread runs, in it.
    struct Workshop;
    struct Bench;

    Result<void> setUp();
    base::ConnectionOptions connectionOptions() const;
    Result<std::unique_ptr<Bench>> openBench(const Policy &policy);
    std::unique_ptr<Checkpointer> makeCheckpointer() const;
    Result<void> loadBench(Bench &bench);
    Result<void> load();
    Result<void> copyOldLog(Bench &bench);
    bool isDamage(const Result<void> &loaded) const;
    bool lacksSomething() const;
    std::optional<Error> mend(Result<void> &loaded);
    std::optional<Error> rewrite(Result<void> &loaded);
    Error repaired(const QStringList &anew) const;
    bool repair(bool mustHelp, bool stopsReading = false);
    bool startOver();
    bool askForRewrite();
    bool isRewriteNeeded() const;
    bool rewriteNow();
    Result<void> replaceDatabase();
    void tellRewritten(const QString &words);
    void tellNotRewritten(const Error &hindrance);
    void withdrawRewrite();
    qint64 freeBytes() const;
    void furnish();
    void tellOpened(Result<void> result);
    void receive(std::vector<Operation> operations);
    void control(const Operation &operation);
    void commit(std::vector<Operation> operations);
    void commitLarge();
    std::vector<Operation> takeTurn();
    void dropAbandoned();
    void retryKept();
    void conclude(Committer::Outcome outcome);
    void storeOnceMore(std::vector<Operation> stores);
    void answer(Committer::Outcome &outcome);
    void copyLog();
    bool isCopyingLongLog() const;
    void checkpoint(bool truncate);
    void wipeSoon();
    void wipe();
    void setHealth(const std::optional<Error> &fault, std::optional<Error> trouble);
    std::optional<Error> diskFault();
    void lookAtDisk();
    void probe();
    void maintain();
    void tellMailboxes();
    void giveBack();
    bool relieve();
    void takePolicy();
    void adopt(const Policy &policy);
    void shutDown();

    const Location m_location;
    const Policy m_policy;
    const base::Clock &m_clock;
    const Writer::Observers m_observers;
    const Tuning m_tuning;
    matrix::DigestKey m_digestKey{}; ///< set before `open` returns
    AcknowledgedOverlay m_overlay;
    Tail m_tail;
    QueueCounters m_counters;
    MailboxBoard m_mailboxes;
    std::atomic<qint64> m_waitingBytes{0};
    std::atomic<quint64> m_edition{0}; ///< odd while one database takes the place of another

    std::mutex m_openMutex;
    std::condition_variable m_openCondition;
    std::optional<Result<void>> m_opened;
    base::Mailbox<Operation> *m_box = nullptr; ///< set before `open` returns, valid until the thread ends

    std::unique_ptr<Workshop> m_shop;
    std::unique_ptr<Bench> m_bench;
};

} // namespace restante::queue
