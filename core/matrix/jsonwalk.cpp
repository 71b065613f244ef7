// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/jsonwalk.h"

#include "matrix/jsontoken.h"

namespace restante::matrix
{

namespace
{

JsonKind kindOf(char first)
{
    switch (first) {
    case '{':
        return JsonKind::Object;
    case '[':
        return JsonKind::Array;
    case '"':
        return JsonKind::String;
    case 't':
        return JsonKind::True;
    case 'f':
        return JsonKind::False;
    case 'n':
        return JsonKind::Null;
    default:
        return JsonKind::Number;
    }
}

bool isSpelling(QByteArrayView inside, QByteArrayView text)
{
    return inside == text || (inside.contains('\\') && unescapeJson(inside) == text);
}

} // namespace

bool JsonRawMember::isCalled(QByteArrayView name) const
{
    return isSpelling(key, name);
}

bool holdsText(const JsonSlice &slice, QByteArrayView text)
{
    return slice.kind == JsonKind::String && isSpelling(slice.text.chopped(1).sliced(1), text);
}

JsonSlice sliceAt(const char *begin, const char *end)
{
    return {kindOf(*begin), QByteArrayView(begin, end - begin)};
}

JsonWalk::JsonWalk(const JsonSlice &container)
    : m_at(container.text.data())
    , m_end(m_at)
{
    if (container.kind == JsonKind::Array || container.kind == JsonKind::Object) {
        m_end = m_at + container.text.size() - 1;
        ++m_at;
    }
}

bool JsonWalk::toNext()
{
    m_at = skipJsonSpace(m_at, m_end);
    if (m_at != m_end && *m_at == ',')
        m_at = skipJsonSpace(m_at + 1, m_end);
    return m_at != m_end;
}

bool JsonWalk::atEnd() const
{
    return skipJsonSpace(m_at, m_end) == m_end;
}

JsonSlice JsonWalk::takeValue()
{
    const char *const begin = m_at;
    m_at = skipCheckedValue(m_at, m_end);
    return sliceAt(begin, m_at);
}

bool JsonWalk::next(JsonSlice *element)
{
    if (!toNext())
        return false;
    *element = takeValue();
    return true;
}

bool JsonWalk::next(JsonRawMember *member)
{
    if (!toNext())
        return false;
    const char *const begin = m_at + 1;
    bool escaped = false;
    const char *const quote = skipCheckedString(begin, m_end, &escaped);
    member->key = QByteArrayView(begin, quote - begin);
    m_at = skipJsonSpace(quote + 1, m_end);
    m_at = skipJsonSpace(m_at + 1, m_end); // the colon
    member->value = takeValue();
    return true;
}

} // namespace restante::matrix
