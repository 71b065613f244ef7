// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/freshnames.h"

#include "base/sqlstatement.h"
#include "queue/openedition.h"
#include "queue/writer.h"

namespace restante::queue
{

namespace
{
constexpr int LoadBusyMs = 2'000;
const auto SelectNames = QStringLiteral("SELECT server, latest_ts FROM fresh_names");
const auto PutName =
    QStringLiteral("INSERT INTO fresh_names (server, latest_ts, changed_ms) VALUES (?, ?, ?) ON CONFLICT "
                   "(server) DO UPDATE SET latest_ts = excluded.latest_ts, changed_ms = "
                   "excluded.changed_ms");
const auto DropName = QStringLiteral("DELETE FROM fresh_names WHERE server = ?");
} // namespace

Result<std::vector<FreshName>> FreshNames::load() const
{
    base::ConnectionOptions options;
    options.busyTimeoutMs = LoadBusyMs;
    quint64 edition = 0;
    auto database = openToRead(m_writer, options, edition);
    if (!database)
        return database.error();
    base::SqlStatement statement(**database, SelectNames);
    if (auto done = statement.run(); !done)
        return done.error();
    const base::SqlRows rows(statement);
    std::vector<FreshName> names;
    while (statement.next()) {
        if (auto server = matrix::ServerName::parse(statement.bytes(0)))
            names.push_back({*std::move(server), statement.integer(1)});
    }
    if (auto failed = statement.failure(); !failed)
        return failed.error();
    return names;
}

void FreshNames::remember(Client &client, const FreshName &name, qint64 nowMs, std::function<void(Result<void>)> done)
{
    client.perform(
        [name, nowMs](base::Database &database) {
            base::SqlStatement put(database, PutName);
            return put.run(name.server.bytes(), name.latestTs, nowMs);
        },
        std::move(done));
}

void FreshNames::forget(const matrix::ServerName &server)
{
    m_writer.perform([server](base::Database &database) {
        base::SqlStatement drop(database, DropName);
        return drop.run(server.bytes());
    });
}

} // namespace restante::queue
