// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/jsonpass.h"

#include "matrix/jsonnumber.h"
#include "matrix/jsontoken.h"
#include "matrix/utf8.h"

#include <algorithm>

namespace restante::matrix
{

namespace
{

/// The value of four hex digits at `at`, -1 if they are not there. `canonical` becomes false for upper-case ones.
int readHex4(const char *at, const char *end, bool *canonical)
{
    if (end - at < 4)
        return -1;
    int value = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = at[i];
        if (c >= '0' && c <= '9') {
            value = value * 16 + (c - '0');
        } else if (c >= 'a' && c <= 'f') {
            value = value * 16 + (c - 'a' + 10);
        } else if (c >= 'A' && c <= 'F') {
            value = value * 16 + (c - 'A' + 10);
            *canonical = false;
        } else {
            return -1;
        }
    }
    return value;
}

bool hasShortEscape(int control)
{
    return control == '\b' || control == '\f' || control == '\n' || control == '\r' || control == '\t';
}

} // namespace

JsonPass::JsonPass(QByteArrayView text, NumberRule rule, Order order, int mostDepth)
    : m_at(text.data())
    , m_begin(text.data())
    , m_end(text.data() + text.size())
    , m_rule(rule)
    , m_keepOrder(order == Order::Keep)
    , m_mostDepth(mostDepth)
{
}

JsonFault JsonPass::run()
{
    if (const JsonFault fault = prolog(); fault != JsonFault::None)
        return fault;
    m_root = m_at;
    if (const JsonFault fault = document(); fault != JsonFault::None)
        return fault;
    m_rootEnd = m_at;
    skipSpace();
    if (m_at != m_end)
        return JsonFault::Trailing;
    m_names = {};
    // Objects are noted as they close; the writer looks for them as they open.
    std::sort(m_objects.begin(), m_objects.end(), [](const auto &a, const auto &b) { return a.open < b.open; });
    return JsonFault::None;
}

JsonFault JsonPass::prolog()
{
    if (QByteArrayView(m_at, m_end - m_at).startsWith("\xEF\xBB\xBF"))
        return JsonFault::Bom;
    skipSpace();
    return m_at == m_end ? JsonFault::Empty : JsonFault::None;
}

void JsonPass::skipSpace()
{
    if (m_at == m_end || !isJsonSpace(*m_at))
        return;
    odd();
    m_at = skipJsonSpace(m_at, m_end);
}

JsonFault JsonPass::document()
{
    for (;;) {
        bool complete = false;
        if (const JsonFault fault = value(&complete); fault != JsonFault::None)
            return fault;
        while (complete) {
            if (m_depth == 0)
                return JsonFault::None;
            bool another = false;
            if (const JsonFault fault = next(&another); fault != JsonFault::None)
                return fault;
            complete = !another;
        }
    }
}

JsonFault JsonPass::value(bool *complete)
{
    *complete = true;
    switch (peek()) {
    case '"': {
        ++m_at;
        bool escaped = false;
        return string(&escaped);
    }
    case '{':
        return open(true, complete);
    case '[':
        return open(false, complete);
    case 't':
        return literal("true");
    case 'f':
        return literal("false");
    case 'n':
        return literal("null");
    default:
        return number();
    }
}

/// Stands at a bracket. Afterwards either a value is expected, or the container was empty and is complete.
JsonFault JsonPass::open(bool object, bool *complete)
{
    if (m_depth == m_mostDepth)
        return JsonFault::Depth;
    m_levels[static_cast<size_t>(m_depth++)] = {m_at, m_keys.size(), object, true};
    ++m_at;
    skipSpace();
    if (peek() == (object ? '}' : ']'))
        return close();
    *complete = false;
    return object ? key() : JsonFault::None;
}

JsonFault JsonPass::close()
{
    const Level &level = m_levels[static_cast<size_t>(m_depth - 1)];
    if (!level.ascending) {
        if (const JsonFault fault = orderKeys(level); fault != JsonFault::None)
            return fault;
    }
    --m_depth;
    ++m_at;
    if (m_depth > 0)
        m_keys.resize(level.firstKey);
    return JsonFault::None;
}

/// Stands behind a complete value inside a container: `another` value follows, or the container closes.
JsonFault JsonPass::next(bool *another)
{
    const bool object = m_levels[static_cast<size_t>(m_depth - 1)].object;
    skipSpace();
    const char c = peek();
    if (c == ',') {
        ++m_at;
        skipSpace();
        *another = true;
        return object ? key() : JsonFault::None;
    }
    return c == (object ? '}' : ']') ? close() : unexpected();
}

JsonFault JsonPass::key()
{
    if (peek() != '"')
        return unexpected();
    ++m_at;
    const char *const begin = m_at;
    bool escaped = false;
    if (const JsonFault fault = string(&escaped); fault != JsonFault::None)
        return fault;
    const Key key{begin, static_cast<quint64>(m_at - 1 - begin), escaped};
    Level &level = m_levels[static_cast<size_t>(m_depth - 1)];
    if (level.ascending && m_keys.size() > level.firstKey && !ascends(m_keys.last(), key)) {
        level.ascending = false;
        odd();
    }
    if (m_keys.size() == MostJsonKeys)
        return JsonFault::TooManyKeys;
    m_keys.append(key);
    skipSpace();
    if (peek() != ':')
        return unexpected();
    ++m_at;
    skipSpace();
    return JsonFault::None;
}

/// Stands behind the opening quote; afterwards behind the closing one.
JsonFault JsonPass::string(bool *escaped)
{
    for (;;) {
        m_at = skipPlain(m_at, m_end);
        if (m_at == m_end)
            return JsonFault::Syntax;
        const auto byte = static_cast<unsigned char>(*m_at);
        if (byte == '"') {
            ++m_at;
            return JsonFault::None;
        }
        if (byte >= 0x80) {
            do {
                const int length = utf8SequenceLength(m_at, m_end);
                if (length == 0)
                    return JsonFault::Utf8;
                m_at += length;
            } while (m_at != m_end && static_cast<signed char>(*m_at) < 0);
        } else if (byte == '\\') {
            *escaped = true;
            ++m_at;
            if (const JsonFault fault = escape(); fault != JsonFault::None)
                return fault;
        } else {
            return JsonFault::Syntax;
        }
    }
}

/// Stands behind a backslash; afterwards behind the escape.
JsonFault JsonPass::escape()
{
    switch (peek()) {
    case '/':
        odd();
        [[fallthrough]];
    case '"':
    case '\\':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        ++m_at;
        return JsonFault::None;
    case 'u':
        ++m_at;
        return unicodeEscape();
    default:
        return JsonFault::Syntax;
    }
}

JsonFault JsonPass::unicodeEscape()
{
    bool lowerCase = true;
    const int unit = readHex4(m_at, m_end, &lowerCase);
    if (unit < 0)
        return JsonFault::Syntax;
    m_at += 4;
    // Only control characters without a short form are written this way.
    if (unit >= 0x20 || hasShortEscape(unit) || !lowerCase)
        odd();
    if (unit < 0xD800 || unit > 0xDFFF)
        return JsonFault::None;
    if (unit > 0xDBFF || !QByteArrayView(m_at, m_end - m_at).startsWith("\\u"))
        return JsonFault::Surrogate;
    const int second = readHex4(m_at + 2, m_end, &lowerCase);
    if (second < 0)
        return JsonFault::Syntax;
    if (second < 0xDC00 || second > 0xDFFF)
        return JsonFault::Surrogate;
    m_at += 6;
    return JsonFault::None;
}

JsonFault JsonPass::number()
{
    const JsonNumber number = readJsonNumber(m_at, m_end);
    if (!number.end)
        return unexpected();
    const QByteArrayView text(m_at, number.end - m_at);
    if (number.isFloat) {
        if (m_rule == NumberRule::Strict)
            return JsonFault::Float;
        m_floats = true;
    } else if (text == QByteArrayView("-0")) {
        odd();
    } else if (m_rule == NumberRule::Strict && !isCanonicalInteger(text)) {
        return JsonFault::IntegerRange;
    }
    m_at = number.end;
    return JsonFault::None;
}

JsonFault JsonPass::literal(QByteArrayView word)
{
    if (!QByteArrayView(m_at, m_end - m_at).startsWith(word))
        return unexpected();
    m_at += word.size();
    return JsonFault::None;
}

JsonFault JsonPass::unexpected() const
{
    const bool multiByte = m_at != m_end && static_cast<signed char>(*m_at) < 0;
    return multiByte && utf8SequenceLength(m_at, m_end) == 0 ? JsonFault::Utf8 : JsonFault::Syntax;
}

/// What is read at this place is not canonical.
void JsonPass::odd()
{
    if (m_oddities.size() < MostOddities)
        m_oddities.push_back(m_at);
}

bool JsonPass::ascends(const Key &before, const Key &after) const
{
    if (!before.escaped && !after.escaped)
        return compareKeys(before.inside(), after.inside()) < 0;
    return compareKeys(unescapeJson(before.inside()), unescapeJson(after.inside())) < 0;
}

/// Finds repeated keys by sorting, which no choice of keys can make slow.
JsonFault JsonPass::orderKeys(const Level &level)
{
    m_keysOutOfOrder += m_keys.size() - level.firstKey;
    if (m_keysOutOfOrder > MostJsonKeysOutOfOrder)
        return JsonFault::TooManyKeys;
    QByteArray unescaped;
    qsizetype room = 0;
    for (qsizetype i = level.firstKey; i < m_keys.size(); ++i)
        room += m_keys[i].escaped ? static_cast<qsizetype>(m_keys[i].length) : 0;
    if (room > 0)
        unescaped.reserve(room); // the views below stay valid: undoing escapes never makes a text longer

    m_names.clear();
    m_names.reserve(static_cast<size_t>(m_keys.size() - level.firstKey));
    for (qsizetype i = level.firstKey; i < m_keys.size(); ++i) {
        const Key &key = m_keys[i];
        QByteArrayView text = key.inside();
        if (key.escaped) {
            const qsizetype begin = unescaped.size();
            appendUnescapedJson(key.inside(), &unescaped);
            text = QByteArrayView(unescaped.constData() + begin, unescaped.size() - begin);
        }
        m_names.push_back({text, key.at - 1, 0});
    }
    sortKeys(&m_names);
    const auto repeated = std::adjacent_find(m_names.begin(), m_names.end(),
                                             [](const OrderedKey &a, const OrderedKey &b) { return a.text == b.text; });
    if (repeated != m_names.end())
        return JsonFault::DuplicateKey;
    if (m_keepOrder) {
        m_objects.push_back({level.open, m_at, m_sortedKeys.size(), m_names.size()});
        for (const OrderedKey &name : m_names)
            m_sortedKeys.push_back(name.quote);
    }
    return JsonFault::None;
}

} // namespace restante::matrix
