// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "matrix/canonicaljson.h"
#include "matrix/keyorder.h"

#include <QtCore/QVarLengthArray>

#include <array>
#include <vector>

namespace restante::matrix
{

/// The order in which an object's members have to be written, for an object whose members came in another one.
struct JsonObjectOrder {
    const char *open;  ///< its '{'
    const char *close; ///< its '}'
    size_t first;      ///< where its keys begin in JsonPass::sortedKeys
    size_t count;
};

/// Enough for the envelopes of a full batch (core/node/relaywire.h), which each come in another order.
inline constexpr size_t MostOddities = 128;

/// Reads a text once from its first to its last byte and checks it. Not recursive. Memory is some 50 bytes for each key
/// of the objects that are open at one moment and, with Order::Keep, some 50 bytes for each object out of order; both
/// are bounded (MostJsonKeys, MostJsonKeysOutOfOrder). Time
/// is linear, with one sort of the keys of each object that is out of order: keys that rise strictly cannot repeat, so
/// the canonical case needs no set at all.
class JsonPass
{
public:
    /// A key as it stands in the text.
    struct Key {
        const char *at;      ///< behind the opening quote
        quint64 length : 63; ///< up to the closing quote
        quint64 escaped : 1;

        QByteArrayView inside() const { return {at, static_cast<qsizetype>(length)}; }
    };
    enum class Order { Drop, Keep };

    /// `mostDepth` is at most MaxJsonDepth + EnvelopeLevels.
    JsonPass(QByteArrayView text, NumberRule rule, Order order = Order::Drop, int mostDepth = MaxJsonDepth);

    /// Stops at the first fault. Empty, Bom, Utf8, Syntax and Trailing may hide behind an earlier fault of another
    /// kind; a repeated key is noticed at the end of its object.
    JsonFault run();

    // After run() has found nothing:

    /// Whether the text is its own lenient canonical form.
    bool isCanonical() const { return m_oddities.empty(); }
    /// If it is not, in the order of the text: the first MostOddities places. One lies inside each value that is not
    /// its own canonical form, unless more than that many lie in front of it.
    const std::vector<const char *> &oddities() const { return m_oddities; }
    bool hasFloats() const { return m_floats; }
    const char *root() const { return m_root; }
    const char *rootEnd() const { return m_rootEnd; }
    /// The keys of the root, in the order of the text, if the root is an object.
    const QVarLengthArray<Key, 64> &rootKeys() const { return m_keys; }
    /// Objects that are out of order, by their place in the text (only with Order::Keep).
    const std::vector<JsonObjectOrder> &objects() const { return m_objects; }
    /// Opening quotes of keys, sorted within each object.
    const std::vector<const char *> &sortedKeys() const { return m_sortedKeys; }

private:
    struct Level {
        const char *open;
        qsizetype firstKey;
        bool object;
        bool ascending;
    };

    char peek() const { return m_at == m_end ? '\0' : *m_at; }
    void skipSpace();
    JsonFault prolog();
    JsonFault document();
    JsonFault value(bool *complete);
    JsonFault open(bool object, bool *complete);
    JsonFault close();
    JsonFault next(bool *another);
    JsonFault key();
    JsonFault string(bool *escaped);
    JsonFault escape();
    JsonFault unicodeEscape();
    JsonFault number();
    JsonFault literal(QByteArrayView word);
    JsonFault unexpected() const;
    void odd();
    bool ascends(const Key &before, const Key &after) const;
    JsonFault orderKeys(const Level &level);

    const char *m_at;
    const char *const m_begin;
    const char *const m_end;
    const char *m_root = nullptr;
    const char *m_rootEnd = nullptr;
    const NumberRule m_rule;
    const bool m_keepOrder;
    std::vector<const char *> m_oddities;
    bool m_floats = false;
    const int m_mostDepth;
    int m_depth = 0;
    qsizetype m_keysOutOfOrder = 0; ///< of all objects so far whose keys do not rise
    std::array<Level, MaxJsonDepth + EnvelopeLevels> m_levels;
    QVarLengthArray<Key, 64> m_keys;
    std::vector<OrderedKey> m_names;
    std::vector<JsonObjectOrder> m_objects;
    std::vector<const char *> m_sortedKeys;
};

} // namespace restante::matrix
