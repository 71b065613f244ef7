// SPDX-License-Identifier: GPL-3.0-or-later
#include "matrix/keyorder.h"

#include <QtCore/QtEndian>

#include <algorithm>
#include <cstring>

namespace restante::matrix
{

namespace
{

using Iterator = std::vector<OrderedKey>::iterator;

constexpr qsizetype HeadBytes = 8;
constexpr std::ptrdiff_t FewKeys = 16;

/// Keys that agree in their first `depth` bytes.
struct Run {
    Iterator begin;
    Iterator end;
    qsizetype depth;
};

quint64 headOf(QByteArrayView text, qsizetype depth)
{
    char bytes[HeadBytes] = {};
    std::memcpy(bytes, text.data() + depth, static_cast<size_t>(std::min(HeadBytes, text.size() - depth)));
    return qFromBigEndian<quint64>(bytes);
}

/// Bytes of the head that belong to the key; tells a key that ends from one that goes on with NUL.
qsizetype headLength(const OrderedKey &key, qsizetype depth)
{
    return std::min(HeadBytes, key.text.size() - depth);
}

void sortFew(const Run &run)
{
    std::sort(run.begin, run.end, [depth = run.depth](const OrderedKey &a, const OrderedKey &b) {
        return compareKeys(a.text.sliced(depth), b.text.sliced(depth)) < 0;
    });
}

void sortByHead(const Run &run)
{
    for (Iterator key = run.begin; key != run.end; ++key)
        key->head = headOf(key->text, run.depth);
    const auto less = [depth = run.depth](const OrderedKey &a, const OrderedKey &b) {
        return a.head != b.head ? a.head < b.head : headLength(a, depth) < headLength(b, depth);
    };
    if (!std::is_sorted(run.begin, run.end, less)) // a common beginning often fills the head
        std::sort(run.begin, run.end, less);
}

} // namespace

int compareKeys(QByteArrayView a, QByteArrayView b)
{
    const auto common = static_cast<size_t>(std::min(a.size(), b.size()));
    const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
    if (order != 0)
        return order;
    return a.size() < b.size() ? -1 : a.size() > b.size();
}

void sortKeys(std::vector<OrderedKey> *keys)
{
    std::vector<Run> runs{{keys->begin(), keys->end(), 0}};
    while (!runs.empty()) {
        const Run run = runs.back();
        runs.pop_back();
        if (run.end - run.begin <= FewKeys) {
            sortFew(run);
            continue;
        }
        sortByHead(run);
        for (Iterator begin = run.begin; begin != run.end;) {
            const Iterator end =
                std::find_if(begin, run.end, [begin](const OrderedKey &key) { return key.head != begin->head; });
            // Behind those that end within the head, all go on.
            const Iterator longer = std::find_if(
                begin, end, [&run](const OrderedKey &key) { return headLength(key, run.depth) == HeadBytes; });
            if (end - longer > 1)
                runs.push_back({longer, end, run.depth + HeadBytes});
            begin = end;
        }
    }
}

} // namespace restante::matrix
