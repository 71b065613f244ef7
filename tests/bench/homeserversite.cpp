// SPDX-License-Identifier: GPL-3.0-or-later
#include "homeserversite.h"

#include "matrix/jsonscan.h"
#include "matrix/pathsegments.h"
#include "matrix/transaction.h"
#include "matrix/xmatrix.h"

namespace restante::bench
{

namespace
{
constexpr qint64 MostBytes = 13'107'200;

/// The claim of a transaction; nothing for a question about the version.
struct Told final : http::Admitted {
    std::optional<matrix::XMatrix> claim = {};
    QByteArray txnId = {};
};
} // namespace

HomeserverSite::HomeserverSite(identity::KeyRing &ring, const matrix::ServerName &ownName, const QString &file)
    : m_ownName(ownName)
    , m_authenticator(ring, nullptr, ownName)
{
    base::ConnectionOptions options;
    options.database = file;
    auto database = base::Database::open(options);
    if (!database)
        qFatal("%s", qUtf8Printable(database.error().detail));
    m_database = *std::move(database);
    const auto made =
        m_database->run(QStringLiteral("CREATE TABLE transactions (origin BLOB NOT NULL, txn BLOB NOT NULL, "
                                       "body BLOB NOT NULL, PRIMARY KEY (origin, txn))"));
    if (!made)
        qFatal("%s", qUtf8Printable(made.error().detail));
    m_keep.emplace(*m_database, QStringLiteral("INSERT INTO transactions (origin, txn, body) VALUES (?, ?, ?)"));
}

http::Verdict HomeserverSite::gate(const http::RequestHead &head)
{
    http::Verdict verdict;
    verdict.maxBody = MostBytes;
    auto told = std::make_unique<Told>();
    const auto segments = matrix::pathSegments(head.target);
    if (head.method == "PUT" && segments.size() == 5 && segments.at(3) == "send") {
        auto claim = matrix::XMatrix::parse(head.all("authorization"));
        if (!claim)
            verdict.refusal = claim.error();
        else
            told->claim = *std::move(claim);
        told->txnId = segments.at(4).toByteArray();
    } else if (head.method != "GET" || head.target != "/_matrix/federation/v1/version") {
        verdict.refusal = Error{Errc::NotFound, QStringLiteral("no such route"), 0};
    }
    verdict.admitted = std::move(told);
    return verdict;
}

void HomeserverSite::handle(http::Request request, http::Reply reply)
{
    const auto &told = static_cast<const Told &>(*request.admitted);
    if (!told.claim)
        return reply.json(200, QByteArrayLiteral(R"({"server":{"name":"bench","version":"1"}})"));
    auto body = matrix::ScannedObject::scan(request.body);
    if (!body)
        return reply.fail(body.error());
    const auto answer = std::make_shared<http::Reply>(std::move(reply));
    m_authenticator.verify(
        *told.claim, request.head.method, request.head.target, &*body, http::addressKey(request.head.peer),
        [this, answer, txnId = told.txnId, content = *body](const Result<identity::Verified> &signer) {
            if (!signer)
                return answer->fail(signer.error());
            if (const auto whole = matrix::Transaction::fromBody(content); !whole)
                return answer->fail(whole.error());
            if (const auto kept = m_keep->run(signer->origin.bytes(), txnId, content.text()); !kept)
                return answer->fail({Errc::InvalidParam, kept.error().detail, 0});
            answer->json(200, QByteArrayLiteral(R"({"pdus":{}})"));
        });
}

} // namespace restante::bench
