// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/jsonpass.h"
#include "matrix/jsontoken.h"

namespace restante::matrix
{

namespace
{

/// Deeper levels stay on one line. Without a bound, a few bytes of hostile text would become hundreds each.
constexpr int MaxIndentedLevels = 16;

void appendBreak(qsizetype level, QByteArray *to)
{
    to->append('\n');
    to->append(QByteArray(2 * level, ' '));
}

/// Behind the bracket that closes the empty container at `at`; null if it is not empty.
const char *behindEmpty(const char *at, const char *end)
{
    const char *const inside = skipJsonSpace(at + 1, end);
    return *inside == ']' || *inside == '}' ? inside + 1 : nullptr;
}

const char *appendString(const char *at, const char *end, QByteArray *to)
{
    bool escaped = false;
    const char *const behind = skipCheckedString(at + 1, end, &escaped) + 1;
    to->append(at, behind - at);
    return behind;
}

} // namespace

QByteArray indentedJson(QByteArrayView text)
{
    JsonPass pass(text, NumberRule::Lenient);
    if (pass.run() != JsonFault::None)
        return text.toByteArray();

    QByteArray indented;
    indented.reserve(text.size() + text.size() / 2);
    int depth = 0;
    const char *const end = pass.rootEnd();
    for (const char *at = pass.root(); at != end; at = skipJsonSpace(at, end)) {
        const char token = *at;
        switch (token) {
        case '{':
        case '[':
            indented.append(token);
            if (const char *behind = behindEmpty(at, end)) {
                indented.append(token == '{' ? '}' : ']');
                at = behind;
                break;
            }
            ++at;
            if (++depth <= MaxIndentedLevels)
                appendBreak(depth, &indented);
            break;
        case '}':
        case ']':
            if (--depth < MaxIndentedLevels)
                appendBreak(depth, &indented);
            indented.append(token);
            ++at;
            break;
        case ',':
            indented.append(',');
            ++at;
            if (depth <= MaxIndentedLevels)
                appendBreak(depth, &indented);
            else
                indented.append(' ');
            break;
        case ':':
            indented.append(": ");
            ++at;
            break;
        case '"':
            at = appendString(at, end, &indented);
            break;
        default: {
            const char *const behind = skipCheckedWord(at, end);
            indented.append(at, behind - at);
            at = behind;
        }
        }
    }
    return indented;
}

} // namespace restante::matrix
