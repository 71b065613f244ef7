// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/canonicaljson.h"

#include "matrix/canonicalwriter.h"
#include "matrix/jsonpass.h"
#include "matrix/jsontoken.h"

namespace restante::matrix
{

Error describe(JsonFault fault)
{
    switch (fault) {
    case JsonFault::Empty:
        return {Errc::NotJson, QStringLiteral("The JSON text is empty.")};
    case JsonFault::Bom:
        return {Errc::NotJson, QStringLiteral("The JSON text begins with a byte order mark.")};
    case JsonFault::Utf8:
        return {Errc::NotJson, QStringLiteral("The JSON text is not UTF-8.")};
    case JsonFault::Syntax:
        return {Errc::NotJson, QStringLiteral("The text is not JSON.")};
    case JsonFault::Trailing:
        return {Errc::NotJson, QStringLiteral("Something follows the JSON text.")};
    case JsonFault::DuplicateKey:
        return {Errc::BadJson, QStringLiteral("A JSON object has the same key twice.")};
    case JsonFault::Surrogate:
        return {Errc::BadJson, QStringLiteral("A JSON string has half of a surrogate pair.")};
    case JsonFault::Depth:
        return {Errc::BadJson, QStringLiteral("The JSON text is nested more than 256 levels deep.")};
    case JsonFault::TooManyKeys:
        return {Errc::BadJson, QStringLiteral("The JSON text has objects with too many keys.")};
    case JsonFault::Float:
        return {Errc::BadJson, QStringLiteral("The JSON text has a number that is not an integer.")};
    case JsonFault::IntegerRange:
        return {Errc::BadJson, QStringLiteral("The JSON text has an integer outside of ±(2^53−1).")};
    case JsonFault::NotFinite:
        return {Errc::BadJson, QStringLiteral("The JSON text has a number that is too large for a double.")};
    case JsonFault::None:
        break;
    }
    return {Errc::Internal, QStringLiteral("There is no fault in the JSON text.")};
}

JsonFault canonicalise(QByteArrayView text, NumberRule rule, QByteArray *output)
{
    JsonPass pass(text, rule, JsonPass::Order::Keep);
    if (const JsonFault fault = pass.run(); fault != JsonFault::None)
        return fault;
    if (pass.isCanonical() && !(rule == NumberRule::Python && pass.hasFloats())) {
        *output = text.toByteArray();
        return JsonFault::None;
    }
    return CanonicalWriter(pass, text, rule).write(output) ? JsonFault::None : JsonFault::NotFinite;
}

Result<QByteArray> canonicalJson(QByteArrayView text, NumberRule rule)
{
    QByteArray output;
    if (const JsonFault fault = canonicalise(text, rule, &output); fault != JsonFault::None)
        return describe(fault);
    return output;
}

QByteArray jsonString(QByteArrayView text)
{
    QByteArray literal;
    literal.reserve(text.size() + 2);
    literal.append('"');
    appendEscapedJson(text, &literal);
    literal.append('"');
    return literal;
}

} // namespace restante::matrix
