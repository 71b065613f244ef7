// SPDX-License-Identifier: GPL-3.0-or-later
// Transactions: a body and its canonical form are the same transaction, and what is kept stays readable.
#include "invariant.h"
#include "matrix/transaction.h"

using namespace restante;
using namespace restante::matrix;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray text(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    summarise(text, text, 150);
    auto object = ScannedObject::scan(text);
    if (!object)
        return 0;
    const auto canonical = canonicalJson(text, NumberRule::Lenient);
    invariant(canonical.ok());
    auto tidy = ScannedObject::scan(*canonical);
    invariant(tidy.ok());
    const auto transaction = Transaction::fromBody(std::move(*object));
    const auto same = Transaction::fromBody(std::move(*tidy));
    invariant(transaction.ok() == same.ok());
    if (!transaction) {
        invariant(transaction.error().code == Errc::BadJson);
        return 0;
    }
    constexpr DigestKey key{1, 2, 3};
    invariant(transaction->pduCount() <= MaxPdus && transaction->eduCount() <= MaxEdus);
    invariant(transaction->pduCount() == same->pduCount() && transaction->eduCount() == same->eduCount());
    invariant(contentDigest(*transaction, "1", key) == contentDigest(*same, "1", key));

    // What is handed out later is spliced from the kept arrays: it is the same transaction again.
    auto kept = ScannedObject::scan("{\"pdus\":" + transaction->pdus() + ",\"edus\":" + transaction->edus() + "}");
    invariant(kept.ok());
    const auto spliced = Transaction::fromBody(std::move(*kept));
    invariant(spliced.ok() && contentDigest(*spliced, "1", key) == contentDigest(*transaction, "1", key));
    const auto events = summarise(transaction->pdus(), transaction->edus(), 1000);
    invariant(qsizetype(events.size()) >= transaction->pduCount() + transaction->eduCount());
    return 0;
}
