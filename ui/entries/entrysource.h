// SPDX-License-Identifier: GPL-3.0-or-later
// Where a list of entries comes from: one queue, or the inbox.
#pragma once

#include "control/operations.h"

namespace restante::ui
{

/// One line of a list of entries.
struct EntryLine {
    qint64 id = 0; ///< never reused
    QString origin;
    QString relay;     ///< that brought it; empty in a queue
    QString userLabel; ///< empty in the inbox
    qint64 takenInMs = 0;
    qint64 bytes = 0;
    int pduCount = 0;
    int eduCount = 0;
    std::vector<matrix::EventSummary> events; ///< the first few
    bool damaged = false;
    node::Delivery delivery = {}; ///< Off in a queue
    qint64 order = 0;             ///< lines stand in the order of this, then of their ids; a line keeps it
};
struct EntryLines {
    static constexpr qint64 NotTold = -1;

    QList<EntryLine> rows; ///< by order, then id
    bool more = false;
    bool moving = false;    ///< lines change although none comes or goes
    qint64 total = NotTold; ///< of the whole list
    qint64 totalBytes = NotTold;
};

/// Reads lines and entries for EntryModel and EntryDetails, and has the words in which the two kinds of list differ.
/// Lives in the main thread; answers come later, and not after `context` is gone.
class EntrySource
{
public:
    template <typename T>
    using Done = control::Operations::Done<T>;

    EntrySource() = default;
    virtual ~EntrySource() = default;
    Q_DISABLE_COPY_MOVE(EntrySource)

    /// Nothing to list: then nothing is asked for.
    virtual bool isNull() const = 0;
    /// Whether lines say which relay brought them, and how it stands with their delivery.
    virtual bool namesRelays() const = 0;
    /// The title of the column with takenInMs.
    virtual QString timeTitle() const = 0;
    /// The line over an open entry.
    virtual QString headline(const QString &origin, const QString &relay, const QString &time) const = 0;
    /// At most `limit` lines behind the one with id `after` (0 = from the start), which may be gone meanwhile.
    virtual void fetchLines(qint64 after, int limit, QObject *context, Done<EntryLines> done) = 0;
    /// Errc::NotHeld for one that is gone.
    virtual void fetchEntry(qint64 id, QObject *context, Done<queue::HeldEntry> done) = 0;
};

/// What is held for one destination, or for one of its users.
class QueueSource final : public EntrySource
{
public:
    explicit QueueSource(control::Operations &operations)
        : m_operations(operations)
    {
    }

    /// Null lists nothing. The model is to be told to reload.
    void setSource(const queue::HeldFor &what) { m_what = what; }

    bool isNull() const override { return m_what.destination.isNull(); }
    bool namesRelays() const override { return false; }
    QString timeTitle() const override;
    QString headline(const QString &origin, const QString &relay, const QString &time) const override;
    void fetchLines(qint64 after, int limit, QObject *context, Done<EntryLines> done) override;
    void fetchEntry(qint64 id, QObject *context, Done<queue::HeldEntry> done) override;

private:
    control::Operations &m_operations;
    queue::HeldFor m_what;
};

/// What was collected for this node.
class InboxSource final : public EntrySource
{
public:
    explicit InboxSource(control::Operations &operations)
        : m_operations(operations)
    {
    }

    /// What is listed. The model is to be told to reload.
    void setPart(node::InboxPart part) { m_part = part; }
    node::InboxPart part() const { return m_part; }

    bool isNull() const override { return false; }
    bool namesRelays() const override { return true; }
    QString timeTitle() const override;
    QString headline(const QString &origin, const QString &relay, const QString &time) const override;
    void fetchLines(qint64 after, int limit, QObject *context, Done<EntryLines> done) override;
    void fetchEntry(qint64 id, QObject *context, Done<queue::HeldEntry> done) override;

private:
    control::Operations &m_operations;
    node::InboxPart m_part = node::InboxPart::All;
};

} // namespace restante::ui
