// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/jsonskim.h"

#include "matrix/jsontoken.h"
#include "matrix/jsonwalk.h"

namespace restante::matrix
{

namespace
{

/// Behind the string that opens at `at`; null if it does not close.
const char *behindString(const char *at, const char *end)
{
    for (++at; at != end; ++at) {
        if (*at == '"')
            return at + 1;
        if (*at == '\\' && ++at == end)
            return nullptr;
    }
    return nullptr;
}

/// Behind the container that opens at `at`; null if its quotes and brackets do not close.
const char *behindContainer(const char *at, const char *end)
{
    QByteArray closing; // of what is open, the innermost last
    while (at != end) {
        if (*at == '"') {
            at = behindString(at, end);
            if (!at)
                return nullptr;
            continue;
        }
        if (*at == '{' || *at == '[') {
            closing.append(*at == '{' ? '}' : ']');
        } else if (*at == '}' || *at == ']') {
            if (!closing.endsWith(*at))
                return nullptr;
            closing.chop(1);
            if (closing.isEmpty())
                return at + 1;
        }
        ++at;
    }
    return nullptr;
}

/// Behind the value at `at`; null if there is none.
const char *behindValue(const char *at, const char *end)
{
    if (at == end)
        return nullptr;
    if (*at == '"')
        return behindString(at, end);
    if (*at == '{' || *at == '[')
        return behindContainer(at, end);
    const char *behind = skipCheckedWord(at, end);
    return behind == at ? nullptr : behind;
}

/// Calls `take(at)` where each child begins, which returns where it ends; whether all went well to the last byte.
template <typename Take>
bool skim(QByteArrayView text, char open, char close, Take take)
{
    const char *end = text.end();
    const char *at = skipJsonSpace(text.begin(), end);
    if (at == end || *at != open)
        return false;
    at = skipJsonSpace(at + 1, end);
    for (bool first = true; at != end && (!first || *at != close); first = false) {
        at = take(at);
        if (!at)
            return false;
        at = skipJsonSpace(at, end);
        if (at == end || *at == close)
            break;
        if (*at != ',')
            return false;
        at = skipJsonSpace(at + 1, end);
    }
    return at != end && skipJsonSpace(at + 1, end) == end;
}

} // namespace

std::optional<std::vector<JsonMember>> skimMembers(QByteArrayView text)
{
    const char *end = text.end();
    std::vector<JsonMember> members;
    const auto take = [&](const char *at) -> const char * {
        const char *behindKey = *at == '"' ? behindString(at, end) : nullptr;
        if (!behindKey)
            return nullptr;
        const char *colon = skipJsonSpace(behindKey, end);
        if (colon == end || *colon != ':')
            return nullptr;
        const char *value = skipJsonSpace(colon + 1, end);
        const char *behind = behindValue(value, end);
        if (behind)
            members.push_back({QByteArray(at + 1, behindKey - at - 2), sliceAt(value, behind)});
        return behind;
    };
    if (!skim(text, '{', '}', take))
        return std::nullopt;
    return members;
}

std::optional<std::vector<JsonSlice>> skimElements(QByteArrayView text, qsizetype limit)
{
    const char *end = text.end();
    std::vector<JsonSlice> elements;
    const auto take = [&](const char *at) {
        const char *behind = behindValue(at, end);
        if (behind && qsizetype(elements.size()) < limit)
            elements.push_back(sliceAt(at, behind));
        return behind;
    };
    if (!skim(text, '[', ']', take))
        return std::nullopt;
    return elements;
}

} // namespace restante::matrix
