// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/jsonscan.h"

#include "matrix/jsonpass.h"
#include "matrix/jsontoken.h"
#include "matrix/jsonwalk.h"

#include <algorithm>
#include <charconv>

namespace restante::matrix
{

namespace
{

/// Shares the text's bytes if it can: an object of a million keys must not become a million allocations.
QByteArray keyText(QByteArrayView inside, bool escaped)
{
    return escaped ? unescapeJson(inside) : QByteArray::fromRawData(inside.data(), inside.size());
}

/// Back over the space and the comma (if any) in front of `at`: the end of the value before.
const char *endOfValueBefore(const char *at)
{
    while (isJsonSpace(at[-1]))
        --at;
    if (at[-1] != ',')
        return at;
    --at;
    while (isJsonSpace(at[-1]))
        --at;
    return at;
}

std::vector<JsonMember> rootMembers(const JsonPass &pass)
{
    const auto &keys = pass.rootKeys();
    const char *const end = pass.rootEnd();
    std::vector<JsonMember> members;
    members.reserve(static_cast<size_t>(keys.size()));
    for (qsizetype i = 0; i < keys.size(); ++i) {
        const QByteArrayView inside = keys[i].inside();
        const char *const colon = skipJsonSpace(inside.end() + 1, end);
        const char *const value = skipJsonSpace(colon + 1, end);
        const char *const behind = i + 1 < keys.size() ? keys[i + 1].at - 1 : end - 1;
        members.push_back({keyText(inside, keys[i].escaped), sliceAt(value, endOfValueBefore(behind))});
    }
    return members;
}

} // namespace

std::optional<qint64> JsonSlice::toInteger() const
{
    qint64 value = 0;
    if (kind != JsonKind::Number)
        return std::nullopt;
    const auto result = std::from_chars(text.begin(), text.end(), value);
    if (result.ec != std::errc() || result.ptr != text.end())
        return std::nullopt;
    return value;
}

std::optional<QByteArray> JsonSlice::toText() const
{
    if (kind != JsonKind::String)
        return std::nullopt;
    return unescapeJson(text.chopped(1).sliced(1));
}

Result<ScannedObject> ScannedObject::scan(QByteArray text, int mostDepth)
{
    ScannedObject object;
    object.m_text = std::move(text);
    JsonPass pass(object.m_text, NumberRule::Lenient, JsonPass::Order::Drop, mostDepth);
    if (const JsonFault fault = pass.run(); fault != JsonFault::None)
        return describe(fault);
    if (*pass.root() != '{')
        return {Errc::BadJson, QStringLiteral("The JSON text is not an object.")};
    object.m_members = rootMembers(pass);
    object.m_oddities = pass.oddities();
    object.m_allOddities = object.m_oddities.size() < MostOddities;
    object.m_floats = pass.hasFloats();
    return object;
}

const JsonSlice *ScannedObject::find(QByteArrayView key) const
{
    for (const JsonMember &member : m_members) {
        if (member.key == key)
            return &member.value;
    }
    return nullptr;
}

bool ScannedObject::isCanonical(const JsonSlice &value) const
{
    const auto next = std::lower_bound(m_oddities.begin(), m_oddities.end(), value.text.begin());
    return next == m_oddities.end() ? m_allOddities : *next >= value.text.end();
}

ScannedObject ScannedObject::part(const JsonSlice &object) const
{
    ScannedObject part;
    part.m_text = QByteArray::fromRawData(object.text.data(), object.text.size());
    part.m_members = membersOf(object);
    part.m_floats = m_floats;
    const auto from = std::lower_bound(m_oddities.begin(), m_oddities.end(), object.text.begin());
    const auto to = std::lower_bound(from, m_oddities.end(), object.text.end());
    part.m_oddities.assign(from, to);
    part.m_allOddities = m_allOddities || to != m_oddities.end();
    return part;
}

void ScannedObject::keepOnly(std::span<const QByteArrayView> names)
{
    std::erase_if(m_members, [&names](const JsonMember &member) {
        return std::find(names.begin(), names.end(), QByteArrayView(member.key)) == names.end();
    });
    m_members.shrink_to_fit();
}

std::vector<JsonSlice> elementsOf(const JsonSlice &array, qsizetype limit)
{
    std::vector<JsonSlice> elements;
    if (array.kind != JsonKind::Array)
        return elements;
    JsonWalk walk(array);
    JsonSlice element;
    while (static_cast<qsizetype>(elements.size()) < limit && walk.next(&element))
        elements.push_back(element);
    return elements;
}

qsizetype countElements(const JsonSlice &array)
{
    if (array.kind != JsonKind::Array)
        return 0;
    JsonWalk walk(array);
    JsonSlice element;
    qsizetype count = 0;
    while (walk.next(&element))
        ++count;
    return count;
}

std::vector<JsonMember> membersOf(const JsonSlice &object)
{
    std::vector<JsonMember> members;
    if (object.kind != JsonKind::Object)
        return members;
    JsonWalk walk(object);
    JsonRawMember member;
    while (walk.next(&member))
        members.push_back({keyText(member.key, member.key.contains('\\')), member.value});
    return members;
}

} // namespace restante::matrix
