// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/edu.h"
#include "matrix/transaction.h"

#include <sodium.h>

namespace restante::matrix
{

namespace
{

/// Raised whenever what is hashed changes; keys already stored then stop matching, which only costs duplicates.
constexpr QByteArrayView Domain = "org.restante.content/2";

/// Poly1305 over canonical pieces, each ended by a NUL, which no JSON text contains.
class PieceHash
{
public:
    PieceHash(const ScannedObject &body, const DigestKey &key)
        : m_body(body)
    {
        static_assert(std::tuple_size_v<DigestKey> == crypto_onetimeauth_KEYBYTES);
        static_assert(std::tuple_size_v<Digest> == crypto_onetimeauth_BYTES);
        crypto_onetimeauth_init(&m_state, key.data());
    }

    void bytes(QByteArrayView text)
    {
        crypto_onetimeauth_update(&m_state, reinterpret_cast<const unsigned char *>(text.data()),
                                  static_cast<unsigned long long>(text.size()));
    }
    void endPiece() { bytes(QByteArrayView("\0", 1)); }

    /// A slice of the body. One that is canonical goes in without a copy.
    void json(const JsonSlice &slice)
    {
        QByteArray canonical;
        if (!m_body.isCanonical(slice) && canonicalise(slice.text, NumberRule::Lenient, &canonical) == JsonFault::None)
            bytes(canonical);
        else
            bytes(slice.text);
    }

    Digest finish()
    {
        Digest digest;
        crypto_onetimeauth_final(&m_state, digest.data());
        return digest;
    }

private:
    crypto_onetimeauth_state m_state;
    const ScannedObject &m_body;
};

void addPdus(const ScannedObject &body, PieceHash *hash)
{
    const JsonSlice *pdus = body.find("pdus");
    if (pdus && pdus->kind == JsonKind::Array)
        hash->json(*pdus);
    else
        hash->bytes("[]");
    hash->endPiece();
}

void addEdus(const ScannedObject &body, PieceHash *hash)
{
    const JsonSlice *edus = body.find("edus");
    if (!edus)
        return;
    EduWalk walk(*edus);
    Edu edu;
    while (walk.next(&edu)) {
        if (walk.atAttestation())
            continue;
        hash->bytes("{");
        if (edu.content) {
            hash->bytes("\"content\":");
            hash->json(*edu.content);
            hash->bytes(",");
        }
        hash->bytes("\"edu_type\":");
        hash->json(edu.type);
        hash->bytes("}");
        hash->endPiece();
    }
}

} // namespace

Digest contentDigest(const Transaction &transaction, QByteArrayView txnId, const DigestKey &key)
{
    const ScannedObject &body = transaction.body();
    PieceHash hash(body, key);
    hash.bytes(Domain);
    hash.endPiece();
    addPdus(body, &hash);
    addEdus(body, &hash);
    hash.endPiece();
    if (transaction.pduCount() == 0 && !transaction.hasToDeviceMessage())
        hash.bytes(txnId);
    return hash.finish();
}

} // namespace restante::matrix
