// SPDX-License-Identifier: GPL-3.0-or-later
#include "queue/knownsender.h"

#include "base/sqlstatement.h"
#include "queue/writer.h"

#include <memory>
#include <utility>

namespace restante::queue
{

namespace
{
const auto SelectKnown = QStringLiteral("SELECT p.known FROM pairs p JOIN destinations d ON d.id = p.destination JOIN "
                                        "origins o ON o.id = p.origin WHERE d.name = ? AND o.name = ?");
} // namespace

void askIfLearned(Client &client, const matrix::ServerName &destination, const matrix::ServerName &origin,
                  std::function<void(bool)> done)
{
    const auto learned = std::make_shared<bool>(false); // written by the writer before it answers
    client.perform(
        [learned, destination, origin](base::Database &database) -> Result<void> {
            base::SqlStatement select(database, SelectKnown);
            if (auto run = select.run(destination.bytes(), origin.bytes()); !run)
                return run;
            const base::SqlRows rows(select);
            *learned = select.next() && select.integer(0) != 0;
            return select.failure();
        },
        [learned, done = std::move(done)](const Result<void> &read) { done(read && *learned); });
}

} // namespace restante::queue
