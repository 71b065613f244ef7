// SPDX-License-Identifier: GPL-3.0-or-later
#include "sites/doorbody.h"

#include "sites/relaytxnbody.h"

namespace restante::sites
{

namespace
{
Error badDoor(const QString &detail)
{
    return {Errc::BadJson, detail, 0};
}
} // namespace

Result<DoorBody> readDoorBody(const matrix::ScannedObject &body)
{
    DoorBody read;
    if (const matrix::JsonSlice *document = body.find("document")) {
        if (document->kind != matrix::JsonKind::Object)
            return badDoor(QStringLiteral("document must be a key document"));
        read.document = document->text.toByteArray();
    }
    if (const matrix::JsonSlice *upstream = body.find("upstream");
        upstream && upstream->kind != matrix::JsonKind::Null) {
        auto name = matrix::ServerName::parse(upstream->toText().value_or(QByteArray()));
        if (!name || !name->port())
            return badDoor(QStringLiteral("upstream must be a host with a port"));
        const matrix::JsonSlice *lease = body.find("lease_ms");
        const auto ms = lease && lease->kind == matrix::JsonKind::Number ? lease->toInteger() : std::nullopt;
        if (!ms || *ms < 1)
            return badDoor(QStringLiteral("lease_ms must be a positive number of milliseconds"));
        read.upstream = *std::move(name);
        read.leaseMs = *ms;
    }
    auto stamp = stampOf(body);
    if (!stamp)
        return stamp.error();
    read.stamp = *std::move(stamp);
    return read;
}

} // namespace restante::sites
