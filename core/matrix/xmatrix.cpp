// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/xmatrix.h"

#include "matrix/authparams.h"
#include "matrix/base64.h"

#include <algorithm>

namespace restante::matrix
{

namespace
{

constexpr QByteArrayView Scheme = "X-Matrix";
constexpr QByteArrayView Algorithm = "ed25519:";
constexpr qsizetype MaxHeaders = 8;
constexpr qsizetype MaxKeyNameBytes = 128;

/// The four parameters as one header gives them; unknown ones are left out.
struct HeaderParams {
    std::optional<QByteArray> origin;
    std::optional<QByteArray> destination;
    std::optional<QByteArray> key;
    std::optional<QByteArray> sig;

    std::optional<QByteArray> *find(QByteArrayView name)
    {
        if (name.compare("origin", Qt::CaseInsensitive) == 0)
            return &origin;
        if (name.compare("destination", Qt::CaseInsensitive) == 0)
            return &destination;
        if (name.compare("key", Qt::CaseInsensitive) == 0)
            return &key;
        return name.compare("sig", Qt::CaseInsensitive) == 0 ? &sig : nullptr;
    }
};

/// What stands behind the scheme, if the header is of ours.
std::optional<QByteArrayView> behindScheme(QByteArrayView header)
{
    const auto end = std::find_if_not(header.begin(), header.end(), [](char c) { return isTokenByte(c); });
    const QByteArrayView scheme = header.first(end - header.begin());
    if (scheme.compare(Scheme, Qt::CaseInsensitive) != 0)
        return std::nullopt;
    return header.sliced(scheme.size());
}

AuthFault readParams(QByteArrayView text, HeaderParams *params)
{
    if (!text.startsWith(' '))
        return AuthFault::Malformed;
    while (text.startsWith(' '))
        text = text.sliced(1);
    AuthParams list(text);
    bool repeated = false;
    while (auto param = list.next()) {
        auto *const known = params->find(param->name);
        repeated = repeated || (known && *known);
        if (known)
            *known = std::move(param->value);
    }
    if (list.isMalformed())
        return AuthFault::Malformed;
    if (repeated)
        return AuthFault::DuplicateParam;
    return params->origin && params->key && params->sig ? AuthFault::None : AuthFault::MissingParam;
}

bool isKeyNameByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

AuthFault readDestination(const HeaderParams &params, XMatrix *claim)
{
    if (!params.destination)
        return AuthFault::None;
    auto destination = ServerName::parse(*params.destination);
    if (!destination)
        return AuthFault::BadDestination;
    if (!claim->destination.isNull() && claim->destination != *destination)
        return AuthFault::DestinationConflict;
    claim->destination = std::move(*destination);
    return AuthFault::None;
}

/// Adds what one header claims. A header with a key of another algorithm adds nothing.
AuthFault addHeader(QByteArrayView text, XMatrix *claim)
{
    HeaderParams params;
    if (const AuthFault fault = readParams(text, &params); fault != AuthFault::None)
        return fault;
    if (params.key->indexOf(':') <= 0)
        return AuthFault::BadKeyId;
    if (!params.key->startsWith(Algorithm))
        return AuthFault::None;

    auto origin = ServerName::parse(*params.origin);
    if (!origin)
        return AuthFault::BadOrigin;
    if (!claim->origin.isNull() && claim->origin != *origin)
        return AuthFault::OriginConflict;
    if (const AuthFault fault = readDestination(params, claim); fault != AuthFault::None)
        return fault;
    if (!isEd25519KeyId(*params.key))
        return AuthFault::BadKeyId;
    KeySignature signature{*params.key, {}};
    const auto bytes = decodeBase64(*params.sig, static_cast<qsizetype>(signature.signature.size()));
    if (!bytes)
        return AuthFault::BadSig;
    std::copy(bytes->begin(), bytes->end(), signature.signature.begin());
    claim->origin = std::move(*origin);
    claim->signatures.push_back(std::move(signature));
    return AuthFault::None;
}

AuthFault addHeaders(const QList<QByteArray> &headers, XMatrix *claim)
{
    std::vector<QByteArrayView> ours;
    for (const QByteArray &header : headers) {
        if (const auto text = behindScheme(header))
            ours.push_back(*text);
    }
    if (ours.empty())
        return AuthFault::Missing;
    if (ours.size() > MaxHeaders)
        return AuthFault::TooMany;
    for (const QByteArrayView text : ours) {
        if (const AuthFault fault = addHeader(text, claim); fault != AuthFault::None)
            return fault;
    }
    return claim->signatures.empty() ? AuthFault::UnsupportedAlgorithm : AuthFault::None;
}

Error describe(AuthFault fault)
{
    switch (fault) {
    case AuthFault::Missing:
        return {Errc::MissingAuth, QStringLiteral("The request has no X-Matrix Authorization header.")};
    case AuthFault::UnsupportedAlgorithm:
        return {Errc::MissingAuth, QStringLiteral("The request is signed with unsupported algorithms only.")};
    case AuthFault::Malformed:
        return {Errc::MalformedAuth, QStringLiteral("The X-Matrix header is malformed.")};
    case AuthFault::MissingParam:
        return {Errc::MalformedAuth, QStringLiteral("The X-Matrix header lacks origin, key or sig.")};
    case AuthFault::DuplicateParam:
        return {Errc::MalformedAuth, QStringLiteral("The X-Matrix header has a parameter twice.")};
    case AuthFault::BadOrigin:
        return {Errc::MalformedAuth, QStringLiteral("The origin of the X-Matrix header is not a server name.")};
    case AuthFault::BadDestination:
        return {Errc::MalformedAuth, QStringLiteral("The destination of the X-Matrix header is not a server name.")};
    case AuthFault::BadKeyId:
        return {Errc::MalformedAuth, QStringLiteral("The key of the X-Matrix header is not a key id.")};
    case AuthFault::BadSig:
        return {Errc::MalformedAuth, QStringLiteral("The sig of the X-Matrix header is not base64 of 64 bytes.")};
    case AuthFault::OriginConflict:
        return {Errc::MalformedAuth, QStringLiteral("The X-Matrix headers name different origins.")};
    case AuthFault::DestinationConflict:
        return {Errc::MalformedAuth, QStringLiteral("The X-Matrix headers name different destinations.")};
    case AuthFault::TooMany:
        return {Errc::MalformedAuth, QStringLiteral("The request has more than 8 X-Matrix headers.")};
    case AuthFault::None:
        break;
    }
    return {Errc::Internal, QStringLiteral("There is no fault in the X-Matrix headers.")};
}

} // namespace

bool isEd25519KeyId(QByteArrayView text)
{
    if (!text.startsWith(Algorithm))
        return false;
    const QByteArrayView name = text.sliced(Algorithm.size());
    return !name.isEmpty() && name.size() <= MaxKeyNameBytes &&
           std::all_of(name.begin(), name.end(), [](char c) { return isKeyNameByte(c); });
}

Result<XMatrix> XMatrix::parse(const QList<QByteArray> &headers, AuthFault *fault)
{
    XMatrix claim;
    const AuthFault found = addHeaders(headers, &claim);
    if (fault)
        *fault = found;
    if (found != AuthFault::None)
        return describe(found);
    return claim;
}

QByteArray XMatrix::toHeader() const
{
    QByteArray header = "X-Matrix origin=\"" + origin.bytes() + '"';
    if (!destination.isNull())
        header += ",destination=\"" + destination.bytes() + '"';
    if (!signatures.empty()) {
        const KeySignature &first = signatures.front();
        const auto *bytes = reinterpret_cast<const char *>(first.signature.data());
        header += ",key=\"" + first.keyId + "\",sig=\"";
        header += encodeBase64({bytes, static_cast<qsizetype>(first.signature.size())}) + '"';
    }
    return header;
}

QByteArray signedRequestBytes(QByteArrayView method, QByteArrayView target, const ServerName &origin,
                              const ServerName &destination, QByteArrayView canonicalContent)
{
    QByteArray bytes;
    bytes.reserve(canonicalContent.size() + target.size() + origin.bytes().size() + destination.bytes().size() + 96);
    bytes.append('{');
    if (!canonicalContent.isEmpty())
        bytes.append("\"content\":").append(canonicalContent).append(',');
    bytes.append("\"destination\":").append(jsonString(destination.bytes()));
    bytes.append(",\"method\":").append(jsonString(method));
    bytes.append(",\"origin\":").append(jsonString(origin.bytes()));
    bytes.append(",\"uri\":").append(jsonString(target)).append('}');
    return bytes;
}

} // namespace restante::matrix
