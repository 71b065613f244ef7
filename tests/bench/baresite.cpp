// SPDX-License-Identifier: GPL-3.0-or-later
#include "baresite.h"

#include "matrix/jsonscan.h"
#include "matrix/pathsegments.h"
#include "matrix/transaction.h"
#include "matrix/userid.h"
#include "matrix/xmatrix.h"

namespace restante::bench
{

namespace
{

constexpr qint64 LargestBody = 13'107'200 + 64 * 1024; // as on send_relay
constexpr qint64 LargestQuestion = 65'536;             // as on relay_txn

class Claim final : public http::Admitted
{
public:
    Claim(matrix::XMatrix headers, bool stores)
        : xMatrix(std::move(headers))
        , leaves(stores)
    {
    }
    matrix::XMatrix xMatrix;
    bool leaves;
};

http::Verdict refuse(const Error &error)
{
    http::Verdict verdict;
    verdict.refusal = error;
    return verdict;
}

} // namespace

BareSite::BareSite(identity::KeyRing &ring, const matrix::ServerName &ownName)
    : m_ownName(ownName)
    , m_authenticator(ring, nullptr, ownName)
{
}

http::Verdict BareSite::gate(const http::RequestHead &head)
{
    const auto segments = matrix::pathSegments(head.target);
    const bool leaves = head.method == "PUT" && segments.size() == 6 && segments.at(3) == "send_relay";
    const bool collects = head.method == "GET" && segments.size() == 5 && segments.at(3) == "relay_txn";
    if (!leaves && !collects)
        return refuse({Errc::NotFound, QStringLiteral("no such route"), 0});
    auto claim = matrix::XMatrix::parse(head.all("authorization"));
    if (!claim)
        return refuse(claim.error());
    if (claim->destination != m_ownName)
        return refuse({Errc::WrongDestination, QStringLiteral("for another server"), 0});
    const auto user = matrix::decodeSegment(segments.last());
    if (!user)
        return refuse(user.error());
    if (const auto id = matrix::UserId::parse(*user); !id)
        return refuse(id.error());
    http::Verdict verdict;
    verdict.maxBody = leaves ? LargestBody : LargestQuestion;
    verdict.admitted = std::make_unique<Claim>(std::move(*claim), leaves);
    return verdict;
}

void BareSite::handle(http::Request request, http::Reply reply)
{
    const auto &claim = static_cast<const Claim &>(*request.admitted);
    auto body = matrix::ScannedObject::scan(request.body);
    if (!body) {
        reply.fail(body.error());
        return;
    }
    const auto answer = std::make_shared<http::Reply>(std::move(reply));
    m_authenticator.verify(claim.xMatrix, request.head.method, request.head.target, &*body,
                           http::addressKey(request.head.peer),
                           [answer, leaves = claim.leaves, content = *body](const Result<identity::Verified> &signer) {
                               if (!signer) {
                                   answer->fail(signer.error());
                                   return;
                               }
                               if (leaves) {
                                   if (const auto taken = matrix::Transaction::fromBody(content); !taken) {
                                       answer->fail(taken.error());
                                       return;
                                   }
                               }
                               answer->json(200, QByteArrayLiteral("{}"));
                           });
}

} // namespace restante::bench
