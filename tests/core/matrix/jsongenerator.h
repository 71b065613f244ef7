// SPDX-License-Identifier: GPL-3.0-or-later
// Makes random JSON values, each in its canonical form and in a form that means the same.
#pragma once

#include <QtCore/QByteArray>

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace restante::test
{

class JsonGenerator
{
public:
    struct Pair {
        QByteArray canonical;
        QByteArray loose; ///< other order, white space and escapes, same value
    };

    explicit JsonGenerator(quint32 seed)
        : m_random(seed)
    {
    }

    int below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(m_random); }

    Pair value(int depth)
    {
        const int kind = below(depth > 0 ? 7 : 5);
        switch (kind) {
        case 0:
            return same(below(2) != 0 ? "true" : "null");
        case 1:
            return same(QByteArray::number(below(2000000) - 1000000));
        case 2:
            return below(4) == 0 ? Pair{"0", "-0"} : same("12345678901234567890.50e+7");
        case 3:
        case 4: {
            const auto [canonical, loose] = string();
            return {canonical, loose};
        }
        case 5:
            return array(depth - 1);
        default:
            return object(depth - 1);
        }
    }

    Pair object(int depth)
    {
        std::map<std::string, std::pair<Pair, Pair>> members; // by the bytes of the canonical key's meaning
        for (int count = below(8); count > 0; --count) {
            const std::string meaning = text();
            members.insert({meaning, {spell(meaning), value(depth)}});
        }
        Pair pair{"{", "{" + space()};
        std::vector<const std::pair<Pair, Pair> *> shuffled;
        for (const auto &[meaning, member] : members) {
            if (pair.canonical.size() > 1)
                pair.canonical += ',';
            pair.canonical += member.first.canonical + ':' + member.second.canonical;
            shuffled.push_back(&member);
        }
        std::shuffle(shuffled.begin(), shuffled.end(), m_random);
        for (size_t i = 0; i < shuffled.size(); ++i) {
            pair.loose += (i == 0 ? "" : ",") + space() + shuffled[i]->first.loose + space() + ':' + space() +
                          shuffled[i]->second.loose + space();
        }
        pair.canonical += '}';
        pair.loose += '}';
        return pair;
    }

private:
    static Pair same(const QByteArray &text) { return {text, text}; }

    QByteArray space()
    {
        static const QByteArray spaces[] = {"", "", "", " ", "\n", "\t\r\n  "};
        return spaces[below(6)];
    }

    std::string text()
    {
        static const std::string pieces[] = {"a",         "b",    "ab",       "type",         "sender",
                                             "\"",        "\\",   "/",        "\n",           std::string(1, '\0'),
                                             "\x1f",      "\x7f", "\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x98\x80",
                                             "0123456789"};
        std::string text;
        for (int count = below(5); count > 0; --count)
            text += pieces[below(16)];
        return text;
    }

    std::pair<QByteArray, QByteArray> string()
    {
        const Pair spelled = spell(text());
        return {spelled.canonical, spelled.loose};
    }

    /// The obvious way, byte by byte, so that it shares nothing with what is tested.
    Pair spell(const std::string &text)
    {
        Pair pair{"\"", "\""};
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            const QByteArray hex = "\\u00" + QByteArray::number(byte, 16).rightJustified(2, '0');
            QByteArray canonical(1, c);
            if (c == '"' || c == '\\')
                canonical = QByteArray("\\") + c;
            else if (c == '\n')
                canonical = "\\n";
            else if (byte < 0x20)
                canonical = hex;
            pair.canonical += canonical;
            pair.loose +=
                byte < 0x80 && below(4) == 0 ? (below(2) != 0 ? hex : "\\u00" + hex.mid(4).toUpper()) : canonical;
        }
        pair.canonical += '"';
        pair.loose += '"';
        return pair;
    }

    Pair array(int depth)
    {
        Pair pair{"[", "[" + space()};
        for (int i = 0, count = below(6); i < count; ++i) {
            const Pair element = value(depth);
            pair.canonical += (i == 0 ? "" : ",") + element.canonical;
            pair.loose += (i == 0 ? "" : ",") + space() + element.loose + space();
        }
        pair.canonical += ']';
        pair.loose += ']';
        return pair;
    }

    std::mt19937 m_random;
};

} // namespace restante::test
