// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/canonicalwriter.h"

#include "matrix/jsonnumber.h"
#include "matrix/jsontoken.h"

#include <algorithm>

namespace restante::matrix
{

CanonicalWriter::CanonicalWriter(const JsonPass &pass, QByteArrayView text, NumberRule rule)
    : m_pass(pass)
    , m_rule(rule)
    , m_at(pass.root())
    , m_run(pass.root())
    , m_end(text.data() + text.size())
{
}

bool CanonicalWriter::write(QByteArray *output)
{
    m_output = output;
    m_output->clear();
    m_output->reserve(m_pass.rootEnd() - m_pass.root());
    do {
        if (!value())
            return false;
    } while (m_depth > 0);
    flush();
    return true;
}

/// Takes one token: a scalar, a bracket, or what stands between values. In containers that keep their order, keys,
/// colons and commas are tokens like any other.
bool CanonicalWriter::value()
{
    space();
    switch (*m_at) {
    case '{':
    case '[':
        open();
        return true;
    case '}':
    case ']':
        ++m_at;
        --m_depth;
        break;
    case ',':
    case ':':
        ++m_at;
        return true;
    case '"':
        string();
        break;
    case 't':
    case 'f':
    case 'n':
        m_at = skipCheckedWord(m_at, m_end);
        break;
    default:
        if (!number())
            return false;
    }
    leave();
    return true;
}

/// Behind a complete value: goes on to the next member of an object that is being reordered.
void CanonicalWriter::leave()
{
    while (m_depth > 0 && m_levels[static_cast<size_t>(m_depth - 1)].order) {
        flush();
        if (enterMember())
            return;
    }
}

/// Puts down the next key of the object at hand; false if there was none and the object is complete.
bool CanonicalWriter::enterMember()
{
    Level &level = m_levels[static_cast<size_t>(m_depth - 1)];
    const JsonObjectOrder &order = *level.order;
    if (level.written == order.count) {
        m_output->append('}');
        m_at = m_run = order.close + 1;
        --m_depth;
        return false;
    }
    if (level.written > 0)
        m_output->append(',');
    m_at = m_run = m_pass.sortedKeys()[order.first + level.written++];
    string();
    space();
    ++m_at; // the colon
    return true;
}

void CanonicalWriter::open()
{
    const JsonObjectOrder *order = *m_at == '{' ? orderOf(m_at) : nullptr;
    m_levels[static_cast<size_t>(m_depth++)] = {order, 0};
    ++m_at;
    if (order) {
        flush();
        enterMember();
    }
}

void CanonicalWriter::string()
{
    const char *const begin = m_at + 1;
    bool escaped = false;
    m_at = skipCheckedString(begin, m_end, &escaped);
    if (escaped) {
        const QByteArrayView inside(begin, m_at - begin);
        const char *const behind = m_at;
        m_at = begin;
        flush();
        appendEscapedJson(unescapeJson(inside), m_output);
        m_at = m_run = behind;
    }
    ++m_at;
}

bool CanonicalWriter::number()
{
    const JsonNumber number = readJsonNumber(m_at, m_end);
    const QByteArrayView text(m_at, number.end - m_at);
    QByteArray spelling;
    if (text == QByteArrayView("-0")) {
        spelling = QByteArrayLiteral("0");
    } else if (number.isFloat && m_rule == NumberRule::Python) {
        spelling = pythonFloat(text);
        if (spelling.isEmpty())
            return false;
    }
    if (!spelling.isEmpty()) {
        flush();
        m_output->append(spelling);
        m_run = number.end;
    }
    m_at = number.end;
    return true;
}

void CanonicalWriter::space()
{
    if (!isJsonSpace(*m_at))
        return;
    flush();
    m_at = m_run = skipJsonSpace(m_at, m_end);
}

void CanonicalWriter::flush()
{
    m_output->append(m_run, m_at - m_run);
    m_run = m_at;
}

const JsonObjectOrder *CanonicalWriter::orderOf(const char *brace)
{
    const auto &objects = m_pass.objects();
    // Objects mostly come in the order of the text; only a reordered member leaps.
    auto found = objects.begin() + static_cast<std::ptrdiff_t>(m_nextObject);
    if (found == objects.end() || found->open < brace || (m_nextObject > 0 && found[-1].open >= brace))
        found = std::lower_bound(objects.begin(), objects.end(), brace,
                                 [](const JsonObjectOrder &order, const char *at) { return order.open < at; });
    m_nextObject = static_cast<size_t>(found - objects.begin());
    if (found == objects.end() || found->open != brace)
        return nullptr;
    ++m_nextObject;
    return &*found;
}

} // namespace restante::matrix
