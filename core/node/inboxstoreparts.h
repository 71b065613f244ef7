// SPDX-License-Identifier: GPL-3.0-or-later
// What the parts of the inbox share; not for anybody else. inboxstore.cpp is the class itself and has a damaged
// database written anew, inboxstoreload.cpp opens it, inboxstoreadd.cpp takes in, inboxstoreread.cpp lists and reads,
// inboxstoreremove.cpp takes out, inboxstoreage.cpp forgets, and inboxstoredamage.cpp goes around damaged pages.
#pragma once

#include "base/database.h"
#include "base/diskwatch.h"
#include "base/sparespace.h"
#include "base/sqlstatement.h"
#include "node/deliveryrecords.h"
#include "node/destinationrecords.h"
#include "node/inboxstore.h"
#include "node/inboxsummaries.h"
#include "queue/clockwatch.h"

#include <QtCore/QByteArray>
#include <QtCore/QSet>
#include <QtCore/QString>

#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace restante::node
{

/// Makes the statements' texts.
namespace inboxsql
{
/// Bodies are large and stand behind everything else: only a request for one entry reads them.
inline constexpr auto Columns =
    "SELECT i.id, i.origin, r.name, i.txn_id, i.origin_server_ts, i.collected_ms, i.bytes, "
    "i.pdu_count, i.edu_count, s.events%1 FROM inbox i LEFT JOIN relays r ON r.id = i.relay "
    "LEFT JOIN summaries s ON s.id = i.id %2";

/// The same without what stands in other tables, for where those are damaged.
inline constexpr auto BareColumns = "SELECT i.id, i.origin, '', i.txn_id, i.origin_server_ts, i.collected_ms, i.bytes, "
                                    "i.pdu_count, i.edu_count, ''%1 FROM inbox i %2";
inline constexpr auto Bodies = ", i.pdus, i.edus";

inline QString selectLines(const char *rest)
{
    return QString::fromLatin1(Columns).arg(QString(), QLatin1String(rest));
}

inline QString selectWhole(const char *columns, const char *rest)
{
    return QString::fromLatin1(columns).arg(QLatin1String(Bodies), QLatin1String(rest));
}
} // namespace inboxsql

/// The statements on node.sqlite and what they share; the database is open for as long as this lives.
class InboxStore::Private
{
public:
    Private(std::unique_ptr<base::Database> opened, QString folder, const base::Clock &time)
        : database(std::move(opened))
        , clock(time)
        , disk(std::move(folder), time, {})
        , spare(*database, time)
    {
    }

    std::unique_ptr<base::Database> database;
    const base::Clock &clock;
    base::DiskWatch disk;
    base::SpareSpace spare;
    QByteArray secret;
    std::optional<queue::ClockWatch> watch; ///< by which what was handled ages; made by `load`
    queue::ClockWatch::Memory remembered;
    qint64 nextRemembered = 0; ///< steady

    enum class Trace {
        Whole,
        NoSummary,    ///< its summary stays, and is never shown again
        Unremembered, ///< and a relay that was away may bring it again
    };
    using Statement = base::SqlStatement;
    Statement meta{*database, QStringLiteral("SELECT value FROM meta WHERE name = 'content_key'")};
    Statement addMeta{*database, QStringLiteral("INSERT INTO meta (name, value) VALUES ('content_key', ?)")};
    Statement keyCopy{*database, QStringLiteral("SELECT value FROM content_keys")};
    Statement addKeyCopy{*database, QStringLiteral("INSERT INTO content_keys (value) VALUES (?)")};
    Statement relay{*database, QStringLiteral("SELECT id, entries, bytes FROM relays WHERE name = ?")};
    Statement addRelay{*database, QStringLiteral("INSERT INTO relays (name) VALUES (?)")};
    Statement setRelay{*database,
                       QStringLiteral("UPDATE relays SET entries = entries + ?, bytes = bytes + ? WHERE id = ?")};
    Statement known{*database, QStringLiteral("SELECT 1 FROM inbox WHERE key = ? UNION ALL "
                                              "SELECT 1 FROM handled WHERE key = ?")};
    Statement insert{*database,
                     QStringLiteral("INSERT INTO inbox (key, relay, origin, txn_id, origin_server_ts, collected_ms, "
                                    "pdu_count, edu_count, bytes, merged, pdus, edus) "
                                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)")};
    Statement timeOf{*database, QStringLiteral("SELECT id, origin_server_ts, merged FROM inbox WHERE key = ?")};
    Statement complete{*database, QStringLiteral("UPDATE inbox SET origin_server_ts = ?, txn_id = ? WHERE id = ?")};
    Statement takeProof{
        *database, QStringLiteral("UPDATE inbox SET pdus = ?, edus = ?, txn_id = ? WHERE key = ? AND "
                                  "(instr(edus, ?) = 0 OR id IN (SELECT id FROM deliveries WHERE state IN (?, ?)))")};
    Statement setEarlier{*database, QStringLiteral("UPDATE inbox SET origin_server_ts = ? WHERE id = ?")};
    Statement merge{*database, QStringLiteral("UPDATE inbox SET merged = 1 WHERE merged = 0")};
    Statement mergeSome{*database,
                        QStringLiteral("UPDATE inbox SET merged = 1 WHERE merged = 0 AND id BETWEEN ? AND ?")};
    Statement count{*database, QStringLiteral("SELECT COALESCE(SUM(entries), 0), COALESCE(SUM(bytes), 0) FROM relays")};
    Statement countUnmerged{*database,
                            QStringLiteral("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM inbox WHERE merged = 0")};
    Statement place{*database, QStringLiteral("SELECT origin_server_ts FROM inbox WHERE id = ? UNION ALL "
                                              "SELECT origin_server_ts FROM handled WHERE id = ?")};
    Statement pageOf{*database, inboxsql::selectLines("WHERE i.merged = 1 AND (i.origin_server_ts, i.id) > (?, ?) "
                                                      "ORDER BY i.origin_server_ts, i.id LIMIT ?")};
    // For a damaged database: these read indexes alone, or one row.
    Statement places{*database,
                     QStringLiteral("SELECT id, origin_server_ts FROM inbox WHERE merged = 1 AND "
                                    "(origin_server_ts, id) > (?, ?) ORDER BY origin_server_ts, id LIMIT ?")};
    Statement placesByTable{*database,
                            QStringLiteral("SELECT id, origin_server_ts FROM inbox NOT INDEXED WHERE merged = 1 AND "
                                           "(origin_server_ts, id) > (?, ?) ORDER BY origin_server_ts, id LIMIT ?")};
    Statement countByTable{*database,
                           QStringLiteral("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM inbox NOT INDEXED")};
    Statement countUnmergedByTable{
        *database, QStringLiteral("SELECT COUNT(*), COALESCE(SUM(bytes), 0) FROM inbox NOT INDEXED WHERE merged = 0")};
    Statement placeOf{*database, QStringLiteral("SELECT origin_server_ts FROM inbox INDEXED BY inbox_order "
                                                "WHERE merged = 1 AND id = ?")};
    Statement keyOfId{*database, QStringLiteral("SELECT key FROM inbox INDEXED BY inbox_key WHERE id = ?")};
    Statement unmerged{*database, QStringLiteral("SELECT id FROM inbox WHERE merged = 0")};
    Statement bytesOf{*database, QStringLiteral("SELECT bytes FROM inbox WHERE id = ?")};
    Statement line{*database, inboxsql::selectLines("WHERE i.id = ?")};
    Statement bareLine{*database,
                       QString::fromLatin1(inboxsql::BareColumns).arg(QString(), QStringLiteral("WHERE i.id = ?"))};
    Statement stayingRows{*database, QStringLiteral("SELECT id, gone_ms FROM handled WHERE gone_ms >= ?")};
    Statement oldHandled{*database, QStringLiteral("SELECT key FROM handled WHERE gone_ms < ?")};
    Statement dropHandled{*database, QStringLiteral("DELETE FROM handled WHERE key = ?")};
    Statement one{*database, inboxsql::selectWhole(inboxsql::Columns, "WHERE i.merged = 1 AND i.id = ?")};
    Statement bareOne{*database, inboxsql::selectWhole(inboxsql::BareColumns, "WHERE i.merged = 1 AND i.id = ?")};
    Statement whole{*database, inboxsql::selectWhole(inboxsql::BareColumns, "WHERE i.id = ?")};
    Statement allByTable{*database, QStringLiteral("SELECT id FROM inbox NOT INDEXED WHERE merged = 1")};
    Statement all{*database, QStringLiteral("SELECT id FROM inbox WHERE merged = 1")};
    Statement forget{*database, QStringLiteral("SELECT key, relay, origin_server_ts, bytes FROM inbox "
                                               "WHERE id = ? AND merged = 1")};
    Statement remove{*database, QStringLiteral("DELETE FROM inbox WHERE id = ?")};
    Statement handle{*database, QStringLiteral("INSERT OR REPLACE INTO handled (key, id, origin_server_ts, gone_ms) "
                                               "VALUES (?, ?, ?, ?)")};
    Statement number{*database, QStringLiteral("SELECT value FROM meta WHERE name = ?")};
    Statement lastHandled{*database, QStringLiteral("SELECT MAX(gone_ms) FROM handled WHERE gone_ms < ?")};
    Statement setNumber{*database, QStringLiteral("INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)")};
    Statement stampTimeless{*database, QStringLiteral("UPDATE handled SET gone_ms = ? WHERE gone_ms < ?")};
    Statement pruneOld{*database, QStringLiteral("DELETE FROM handled WHERE gone_ms < ?")};
    Statement pruneMany{*database, QStringLiteral("DELETE FROM handled WHERE key IN (SELECT key FROM handled "
                                                  "ORDER BY gone_ms DESC LIMIT -1 OFFSET ?)")};
    InboxSummaries summaries{*database};
    DestinationRecords records{*database};
    DeliveryRecords deliveries{*database};
    QSet<qint64> staying;     ///< taken out, but their rows are still there
    qint64 stayingUnread = 0; ///< of these, still among the totals
    QSet<qint64> misplaced;   ///< cannot be merged
    bool proven = false;      ///< an entry took over a proof of its sender
    bool harmed = false;      ///< something was not done because of damage that is not the row's own

    static Result<std::pair<qint64, qint64>> firstPair(std::initializer_list<Statement *> statements);
    static Result<void> listPlaces(Statement &statement, qint64 afterTs, qint64 after, qint64 most,
                                   std::vector<std::pair<qint64, qint64>> &found);
    Result<void> loadStaying();
    Result<std::vector<qint64>> numbers(Statement &statement);
    Result<qint64> mergeSingly();
    Result<qint64> unmergedBytes();
    Result<qint64> tsOf(qint64 id);
    Result<void> listSingly(qint64 afterTs, qint64 after, int limit, InboxPage &list);
    Result<InboxRow> rowSingly(qint64 id, qint64 ts);
    Result<void> forgetOld(qint64 beforeMs);
    struct Row {
        QByteArray key;
        qint64 relayId = 0;
        qint64 ts = 0;
        qint64 bytes = 0;
        bool readable = true;
    };
    Result<std::optional<Row>> rowToRemove(qint64 id);
    Result<void> loadClock();
    Result<void> age();
    qint64 stampMs();
    static Result<QByteArray> firstBytes(Statement &statement);
    static Result<std::unique_ptr<Private>> open(const QString &folder, const base::Clock &clock);
    Result<void> load();
    Result<void> loadSecret();
    Result<std::vector<qint64>> allIds();
    Result<qint64> removeAround(const QList<qint64> &ids, Trace least);
    Result<qint64> mergeAround();
    bool isReadable(qint64 id);
    Result<InboxTotals> totals();
    Result<InboxPage> page(qint64 after, int limit);
    Result<InboxEntry> entry(qint64 id);
    Result<void> prune(const InboxLimits &limits);
    QByteArray keyOf(const Collected &collected) const;
    Result<bool> has(const QByteArray &key);
    struct RelayRow {
        qint64 id = 0;
        qint64 entries = 0;
        qint64 bytes = 0;
    };
    Result<RelayRow> relayRow(const matrix::ServerName &name);
    Result<void> take(qint64 relayId, const QByteArray &key, const Collected &collected, qint64 nowMs);
    Result<qint64> removeAll(const qint64 *from, const qint64 *to);
    Result<bool> removeOne(qint64 id);
    Result<bool> compareTimes(const QByteArray &key, const Collected &copy, Kept &kept);
    Result<bool> compareProofs(const QByteArray &key, const Collected &copy);
    Result<bool> removeDamaged(qint64 id, Trace least);
    Result<bool> hideDamaged(qint64 id, const Row &row);
    Result<void> takeOut(qint64 id, const Row &row, Trace trace);
    /// What was handled and cannot be read any more. If that cannot be mended, rather delivered twice than not at
    /// all.
    enum class Unreadable {
        Fails,
        IsUnknown,
    };
    Result<Kept> addAround(const matrix::ServerName &relayName, const std::vector<Collected> &batch,
                           const InboxLimits &limits, Unreadable unreadable);
    Result<Kept> add(const matrix::ServerName &relay, const std::vector<Collected> &batch, const InboxLimits &limits,
                     const std::vector<bool> *held);
    static InboxRow rowAt(const Statement &statement);
    static std::optional<Error> refusal(const RelayRow &row, const Collected &next, const InboxLimits &limits);
};

} // namespace restante::node
