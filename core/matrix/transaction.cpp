// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/transaction.h"

#include "matrix/edu.h"
#include "matrix/entryid.h"

namespace restante::matrix
{

namespace
{

Error badJson(const QString &detail)
{
    return {Errc::BadJson, detail};
}

/// The array of that name, "[]" if it is null or missing; nothing if it is something else.
std::optional<JsonSlice> arrayOf(const ScannedObject &body, QByteArrayView name)
{
    const JsonSlice *found = body.find(name);
    if (!found || found->kind == JsonKind::Null)
        return JsonSlice{JsonKind::Array, "[]"};
    return found->kind == JsonKind::Array ? std::optional(*found) : std::nullopt;
}

/// A deep copy, because it outlives the body in a queue or another thread.
QByteArray copyOf(const JsonSlice &array)
{
    return array.text == QByteArrayView("[]") ? QByteArrayLiteral("[]") : array.text.toByteArray();
}

Result<int> countPdus(const JsonSlice &pdus)
{
    JsonWalk walk(pdus);
    JsonSlice pdu;
    int count = 0;
    while (walk.next(&pdu)) {
        if (pdu.kind != JsonKind::Object)
            return badJson(QStringLiteral("A PDU is not an object."));
        if (++count > MaxPdus)
            return badJson(QStringLiteral("The transaction has more than 50 PDUs."));
    }
    return count;
}

struct EduCount {
    int edus = 0;
    bool toDevice = false;
    bool attested = false;
};

Result<EduCount> countEdus(const JsonSlice &edus)
{
    EduCount count;
    EduWalk walk(edus);
    Edu edu;
    while (walk.next(&edu)) {
        if (!edu.isValid())
            return badJson(QStringLiteral("An EDU lacks a textual edu_type, or its content is not an object."));
        if (walk.isAttested())
            count.attested = true;
        if (walk.atAttestation())
            continue;
        if (++count.edus > MaxEdus)
            return badJson(QStringLiteral("The transaction has more than 100 EDUs."));
        count.toDevice = count.toDevice || holdsText(edu.type, ToDeviceEduType);
    }
    return count;
}

} // namespace

Result<Transaction> Transaction::fromBody(ScannedObject body)
{
    const auto pdus = arrayOf(body, "pdus");
    const auto edus = arrayOf(body, "edus");
    if (!pdus || !edus)
        return badJson(QStringLiteral("The pdus and edus of a transaction are arrays."));
    const auto pduCount = countPdus(*pdus);
    if (!pduCount)
        return pduCount.error();
    const auto eduCount = countEdus(*edus);
    if (!eduCount)
        return eduCount.error();

    Transaction transaction;
    if (const JsonSlice *time = body.find("origin_server_ts")) {
        const auto value = time->toInteger();
        if (!value || *value < 0 || *value > EntryId::Largest)
            return badJson(QStringLiteral("The origin_server_ts of a transaction is an integer from 0 to 2^53−1."));
        transaction.m_originServerTs = *value;
    }
    transaction.m_pdus = copyOf(*pdus);
    transaction.m_edus = copyOf(*edus);
    transaction.m_pduCount = *pduCount;
    transaction.m_eduCount = eduCount->edus;
    transaction.m_toDevice = eduCount->toDevice;
    transaction.m_attested = eduCount->attested;
    transaction.m_body = std::move(body);
    return transaction;
}

} // namespace restante::matrix
