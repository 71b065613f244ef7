// SPDX-License-Identifier: GPL-3.0-or-later
// The format: https://www.sqlite.org/fileformat2.html
#include "base/tableleaves.h"

#include "base/ondisk.h"

#include <QtCore/QSet>
#include <QtCore/QtEndian>

#include <algorithm>
#include <limits>
#include <vector>

namespace restante::base
{

namespace
{
constexpr char TableLeaf = 0x0d;
constexpr char TableInner = 0x05;
constexpr qsizetype HeaderBytes = 100;
constexpr qsizetype LeafHeaderBytes = 8;
constexpr qint64 PendingByte = 0x40000000; // the page with it is never used
constexpr qint64 LeastUsable = 480;
constexpr int DeepestTree = 20;
constexpr qint64 MapEntryBytes = 5;
constexpr qint64 LinkBytes = 4; // a page number, before the rest of a row

template <typename Number>
Number numberAt(QByteArrayView bytes, qsizetype at)
{
    return qFromBigEndian<Number>(bytes.data() + at);
}

/// Nothing if it does not end within `bytes`; `at` is behind it then.
std::optional<quint64> varint(QByteArrayView bytes, qsizetype &at)
{
    constexpr int mostBytes = 9;
    quint64 value = 0;
    for (int count = 1; count <= mostBytes && at < bytes.size(); ++count) {
        const auto byte = quint8(bytes[at++]);
        if (count == mostBytes)
            return value << 8 | byte;
        value = value << 7 | (byte & 0x7f);
        if (byte < 0x80)
            return value;
    }
    return {};
}

/// How many bytes a column of this serial type takes; nothing for what no table of ours has.
std::optional<qsizetype> bytesOf(quint64 type)
{
    constexpr quint64 firstBlob = 12;
    constexpr std::array<qsizetype, 10> fixed{0, 1, 2, 3, 4, 6, 8, -1, 0, 0};
    if (type >= firstBlob)
        return qsizetype(std::min<quint64>((type - firstBlob) / 2, std::numeric_limits<qint32>::max()));
    if (type >= fixed.size() || fixed[type] < 0)
        return {};
    return fixed[type];
}

QVariant valueOf(quint64 type, QByteArrayView bytes)
{
    constexpr quint64 zero = 8;
    constexpr quint64 firstBlob = 12;
    if (type >= firstBlob)
        return type % 2 == 0 ? QVariant(QByteArray(bytes.data(), bytes.size())) : QVariant(QString::fromUtf8(bytes));
    if (type == 0)
        return {};
    if (type >= zero)
        return qint64(type - zero);
    quint64 value = (bytes[0] & 0x80) != 0 ? std::numeric_limits<quint64>::max() : 0;
    for (const char byte : bytes)
        value = value << 8 | quint8(byte);
    return qint64(value);
}

/// The columns of a row, which take all of `payload`.
std::optional<QVariantList> columnsFrom(QByteArrayView payload)
{
    qsizetype at = 0;
    const auto headerBytes = varint(payload, at);
    if (!headerBytes || *headerBytes > quint64(payload.size()))
        return {};
    const QByteArrayView header = payload.first(qsizetype(*headerBytes));
    qsizetype value = header.size();
    QVariantList columns;
    while (at < header.size()) {
        const auto type = varint(header, at);
        const auto bytes = type ? bytesOf(*type) : std::nullopt;
        if (!bytes || *bytes > payload.size() - value)
            return {};
        columns << valueOf(*type, payload.sliced(value, *bytes));
        value += *bytes;
    }
    return value == payload.size() ? std::optional(columns) : std::nullopt;
}
} // namespace

TableLeaves::TableLeaves(const QString &file)
    : m_file(file)
{
}

Result<void> TableLeaves::readHeader()
{
    constexpr quint16 pageOf64K = 1;
    if (!m_file.isOpen() && !m_file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return fileError(m_file.fileName(), QLatin1String("opened"), m_file.errorString());
    const QByteArray header = m_file.seek(0) ? m_file.read(HeaderBytes) : QByteArray();
    if (header.size() == HeaderBytes && header.startsWith("SQLite format 3")) {
        const auto bytes = numberAt<quint16>(header, 16);
        m_pageBytes = bytes == pageOf64K ? qint64(65'536) : bytes;
        m_usable = m_pageBytes - quint8(header.at(20));
    }
    const bool mapped = m_usable >= LeastUsable && (m_pageBytes & (m_pageBytes - 1)) == 0 &&
                        numberAt<quint32>(header, 52) > 0; // the largest root, which is kept for auto_vacuum
    if (!mapped)
        return {Errc::Io, QStringLiteral("The file %1 has no map of its pages.").arg(m_file.fileName())};
    m_pages = quint32(std::min<qint64>(m_file.size() / m_pageBytes, numberAt<quint32>(header, 28)));
    m_mapNumber = 0;
    return {};
}

/// Empty if it cannot be read.
QByteArray TableLeaves::page(quint32 number)
{
    if (number < 1 || number > m_pages || !m_file.seek((number - 1) * m_pageBytes))
        return {};
    QByteArray bytes = m_file.read(m_pageBytes);
    return bytes.size() == m_pageBytes ? bytes : QByteArray();
}

/// The page of the map that tells of page `number`, or that it is.
quint32 TableLeaves::mapOf(quint32 number) const
{
    constexpr quint32 firstMap = 2;
    const qint64 stretch = m_usable / MapEntryBytes + 1; // a page of the map, and those that it tells of
    const auto map = quint32((number - firstMap) / stretch * stretch + firstMap);
    return map == PendingByte / m_pageBytes + 1 ? map + 1 : map;
}

TableLeaves::MapEntry TableLeaves::mapEntry(quint32 number)
{
    const quint32 map = number < 2 ? 0 : mapOf(number);
    if (map == 0 || number <= map)
        return {};
    if (map != m_mapNumber) {
        m_map = page(map);
        m_mapNumber = map;
    }
    const qsizetype at = MapEntryBytes * (number - map - 1);
    if (at + MapEntryBytes > m_map.size())
        return {};
    const auto kind = quint8(m_map.at(at));
    if (kind > quint8(Kind::BelowAnother))
        return {};
    return {Kind(kind), numberAt<quint32>(m_map, at + 1)};
}

bool TableLeaves::isBelow(quint32 number, quint32 root)
{
    for (int depth = 0; depth < DeepestTree && number != root; ++depth) {
        const MapEntry entry = mapEntry(number);
        if (entry.kind != Kind::BelowAnother)
            return false;
        number = entry.parent;
    }
    return number == root;
}

Result<TableLeaves::Missed> TableLeaves::read(quint32 root, const Wants &wants, const Take &take)
{
    if (auto opened = readHeader(); !opened)
        return opened.error();
    Missed missed;
    QSet<quint32> parents;
    std::vector<quint32> unread;
    for (quint32 number = 2; number <= m_pages; ++number) {
        const bool untold = mapEntry(number).kind == Kind::Unknown && number != mapOf(number) &&
                            number != PendingByte / m_pageBytes + 1;
        missed.pages += untold;
        if (!isBelow(number, root))
            continue;
        parents.insert(mapEntry(number).parent);
        const QByteArray bytes = page(number);
        if (bytes.startsWith(TableLeaf)) {
            if (auto taken = takeRows(number, bytes, wants, take, missed); !taken)
                return taken.error();
        } else if (!bytes.startsWith(TableInner)) {
            unread.push_back(number);
        }
    }
    // Those that are parents only lead to others.
    missed.pages += std::count_if(unread.begin(), unread.end(), [&](quint32 each) { return !parents.contains(each); });
    return missed;
}

Result<void> TableLeaves::takeRows(quint32 number, const QByteArray &leaf, const Wants &wants, const Take &take,
                                   Missed &missed)
{
    const QByteArrayView bytes = QByteArrayView(leaf).first(m_usable);
    const auto cells = numberAt<quint16>(bytes, 3);
    if (LeafHeaderBytes + 2 * qint64(cells) > bytes.size()) {
        ++missed.pages;
        return {};
    }
    bool whole = true;
    for (qsizetype cell = 0; cell < cells; ++cell) {
        qsizetype at = numberAt<quint16>(bytes, LeafHeaderBytes + 2 * cell);
        const auto size = varint(bytes, at);
        const auto key = size ? varint(bytes, at) : std::nullopt;
        if (key && !wants(qint64(*key)))
            continue;
        const auto row = key ? payload(number, leaf, at, *size) : std::nullopt;
        const auto columns = row ? columnsFrom(*row) : std::nullopt;
        whole = whole && key;
        if (key && !columns)
            missed.keys << qint64(*key);
        if (!columns)
            continue;
        if (auto taken = take(qint64(*key), *columns); !taken)
            return taken;
    }
    missed.pages += !whole;
    return {};
}

/// Of a row whose part on its leaf, page `number`, begins at `at`.
std::optional<QByteArray> TableLeaves::payload(quint32 number, const QByteArray &leaf, qsizetype at, quint64 size)
{
    if (size > quint64(m_file.size()))
        return {};
    // These numbers are the format's.
    const qint64 mostLocal = m_usable - 35;
    const qint64 leastLocal = (m_usable - 12) * 32 / 255 - 23;
    qint64 local = qint64(size);
    if (local > mostLocal) {
        local = leastLocal + (local - leastLocal) % (m_usable - LinkBytes);
        if (local > mostLocal)
            local = leastLocal;
    }
    const bool whole = local == qint64(size);
    if (at + local + (whole ? 0 : LinkBytes) > m_usable)
        return {};
    QByteArray bytes = leaf.mid(at, local);
    quint32 next = whole ? 0 : numberAt<quint32>(leaf, at + local);
    Kind kind = Kind::FirstOverflow;
    while (bytes.size() < qint64(size)) {
        const MapEntry entry = mapEntry(next);
        const QByteArray rest = entry.kind == kind && entry.parent == number ? page(next) : QByteArray();
        if (rest.isEmpty())
            return {};
        bytes += rest.mid(LinkBytes, std::min(m_usable - LinkBytes, qint64(size) - bytes.size()));
        number = next;
        next = numberAt<quint32>(rest, 0);
        kind = Kind::FurtherOverflow;
    }
    return next == 0 ? std::optional(bytes) : std::nullopt;
}

} // namespace restante::base
