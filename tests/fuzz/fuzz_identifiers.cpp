// SPDX-License-Identifier: GPL-3.0-or-later
// Server names, user ids, path segments and base64: what is accepted keeps its parts together.
#include "invariant.h"
#include "matrix/base64.h"
#include "matrix/pathsegments.h"
#include "matrix/userid.h"

using namespace restante;
using namespace restante::matrix;

namespace
{

void checkServerName(const QByteArray &text)
{
    const auto name = ServerName::parse(text);
    if (!name)
        return;
    invariant(name->bytes() == text && !name->isNull());
    invariant(text.startsWith(name->host().toByteArray()) && !name->host().isEmpty());
    invariant(name->port().has_value() == (name->host().size() != text.size()));
    invariant(name->kind() != ServerName::Kind::Ed25519 || text.size() == 64);
    for (const char c : text)
        invariant(c > ' ' && c < 0x7F && c != '/' && c != '"' && c != '\\' && c != '@' && c != '%');
}

void checkUserId(const QByteArray &text)
{
    const auto strict = UserId::parse(text);
    const auto historical = UserId::parseHistorical(text);
    invariant(!strict.ok() || historical.ok());
    if (!historical)
        return;
    invariant(text.size() <= 255);
    invariant('@' + historical->localpart().toByteArray() + ':' + historical->domain().bytes() == text);
    invariant(ServerName::parse(historical->domain().bytes()).ok());
}

void checkPath(const QByteArray &text)
{
    QByteArray joined;
    for (const QByteArrayView segment : pathSegments(text)) {
        joined += '/' + segment.toByteArray();
        const auto decoded = decodeSegment(segment);
        invariant(!decoded.ok() || decoded->size() <= segment.size());
    }
    invariant(text.startsWith(joined));
}

void checkBase64(const QByteArray &text)
{
    const auto decoded = decodeBase64(text);
    if (decoded)
        invariant(decodeBase64(encodeBase64(*decoded), decoded->size()) == decoded);
    invariant(decodeBase64(encodeBase64(text)) == text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray text(reinterpret_cast<const char *>(data), static_cast<qsizetype>(size));
    checkServerName(text);
    checkUserId(text);
    checkPath(text);
    checkBase64(text);
    return 0;
}
