// SPDX-License-Identifier: GPL-3.0-or-later
#include "identity/sealedfile.h"

#include "base/inputfile.h"
#include "base/ondisk.h"

#include <QtCore/QFileInfo>

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

using namespace Qt::Literals::StringLiterals;

namespace restante::identity
{

namespace
{
constexpr qsizetype ChunkBytes = qsizetype(64) << 10;
constexpr qsizetype SealBytes = crypto_secretstream_xchacha20poly1305_ABYTES;
constexpr qsizetype StreamHeaderBytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr qsizetype StateBytes = sizeof(crypto_secretstream_xchacha20poly1305_state);
constexpr qsizetype LongestLine = 128;
constexpr QByteArrayView KeyDerivation = "argon2id";

using Salt = std::array<unsigned char, crypto_pwhash_SALTBYTES>;

crypto_secretstream_xchacha20poly1305_state *stateOf(SecretBytes &bytes)
{
    // The state is made of bytes only; it has no alignment.
    static_assert(alignof(crypto_secretstream_xchacha20poly1305_state) == 1);
    return reinterpret_cast<crypto_secretstream_xchacha20poly1305_state *>(bytes.data());
}

const unsigned char *bytesOf(QByteArrayView view)
{
    return reinterpret_cast<const unsigned char *>(view.data());
}

QByteArrayView firstLine(SealedKind kind)
{
    return kind == SealedKind::Identity ? "restante-identity 1\n" : "restante-backup 1\n";
}

QString kindText(SealedKind kind)
{
    return kind == SealedKind::Identity ? u"an exported identity"_s : u"a backup"_s;
}

Result<void> checkPassphrase(const SecretBytes &passphrase)
{
    if (passphrase.size() == 0)
        return {Errc::InvalidSetting, u"An empty passphrase protects nothing"_s};
    return {};
}

Result<SecretBytes> keyFrom(const SecretBytes &passphrase, const Salt &salt, PassphraseCost cost)
{
    SecretBytes key(crypto_secretstream_xchacha20poly1305_KEYBYTES);
    if (crypto_pwhash(key.data(), static_cast<unsigned long long>(key.size()), passphrase.view().data(),
                      static_cast<unsigned long long>(passphrase.size()), salt.data(), cost.operations,
                      size_t(cost.memoryBytes), crypto_pwhash_ALG_ARGON2ID13) != 0)
        return {Errc::Io, u"There is not enough memory to use the passphrase (%1 MiB)"_s.arg(cost.memoryBytes >> 20)};
    return key;
}

QByteArray secondLine(const Salt &salt, PassphraseCost cost)
{
    const QByteArrayView view(reinterpret_cast<const char *>(salt.data()), qsizetype(salt.size()));
    return KeyDerivation.toByteArray() + ' ' + QByteArray::number(cost.operations) + ' ' +
           QByteArray::number(cost.memoryBytes) + ' ' + view.toByteArray().toHex() + '\n';
}

struct KeyRecipe {
    Salt salt{};
    PassphraseCost cost;
};

/// Nothing if it is not a line that `secondLine` writes, or the cost is out of bounds.
std::optional<KeyRecipe> parseRecipe(const QByteArray &line)
{
    const QList<QByteArray> words = line.trimmed().split(' ');
    if (words.size() != 4)
        return {};
    KeyRecipe recipe;
    recipe.cost.operations = words.at(1).toULongLong();
    recipe.cost.memoryBytes = words.at(2).toULongLong();
    const QByteArray salt = QByteArray::fromHex(words.at(3));
    if (salt.size() != qsizetype(recipe.salt.size()))
        return {};
    std::copy(salt.begin(), salt.end(), recipe.salt.begin());
    constexpr PassphraseCost most;
    if (recipe.cost.operations < crypto_pwhash_OPSLIMIT_MIN || recipe.cost.operations > most.operations ||
        recipe.cost.memoryBytes < crypto_pwhash_MEMLIMIT_MIN || recipe.cost.memoryBytes > most.memoryBytes)
        return {};
    return line == secondLine(recipe.salt, recipe.cost) ? std::optional(recipe) : std::nullopt;
}
} // namespace

SealedWriter::SealedWriter(const QString &path)
    : m_path(QFileInfo(path).absoluteFilePath())
    , m_file(m_path + ".XXXXXX"_L1)
    , m_state(StateBytes)
    , m_chunk(ChunkBytes)
{
}

Result<std::unique_ptr<SealedWriter>> SealedWriter::create(const QString &path, SealedKind kind,
                                                           const SecretBytes &passphrase, PassphraseCost cost)
{
    if (const auto usable = checkPassphrase(passphrase); !usable)
        return usable.error();
    std::unique_ptr<SealedWriter> writer(new SealedWriter(path));
    if (const auto begun = writer->begin(kind, passphrase, cost); !begun)
        return begun.error();
    return writer;
}

Result<void> SealedWriter::begin(SealedKind kind, const SecretBytes &passphrase, PassphraseCost cost)
{
    const QFileInfo info(m_path);
    if (info.exists() || info.isSymLink())
        return {Errc::InvalidSetting, u"%1 already exists and is not overwritten"_s.arg(m_path)};
    if (!m_file.open() || !m_file.setPermissions(base::OwnerOnly))
        return failed();
    Salt salt{};
    randombytes_buf(salt.data(), salt.size());
    const auto key = keyFrom(passphrase, salt, cost);
    if (!key)
        return key.error();
    QByteArray header(StreamHeaderBytes, Qt::Uninitialized);
    crypto_secretstream_xchacha20poly1305_init_push(stateOf(m_state), reinterpret_cast<unsigned char *>(header.data()),
                                                    key->data());
    m_head = firstLine(kind).toByteArray() + secondLine(salt, cost);
    return put(m_head + header);
}

Result<void> SealedWriter::write(QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        // A full chunk waits until it is known whether it is the last one.
        if (m_used == ChunkBytes) {
            if (auto flushed = flushChunk(false); !flushed)
                return flushed;
        }
        const qsizetype some = std::min(bytes.size(), ChunkBytes - m_used);
        std::memcpy(m_chunk.data() + m_used, bytes.data(), size_t(some));
        m_used += some;
        bytes = bytes.sliced(some);
    }
    return {};
}

Result<void> SealedWriter::flushChunk(bool last)
{
    QByteArray sealed(m_used + SealBytes, Qt::Uninitialized);
    crypto_secretstream_xchacha20poly1305_push(
        stateOf(m_state), reinterpret_cast<unsigned char *>(sealed.data()), nullptr, m_chunk.data(),
        static_cast<unsigned long long>(m_used), bytesOf(m_head), static_cast<unsigned long long>(m_head.size()),
        last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
    m_head.clear();
    m_used = 0;
    return put(sealed);
}

Result<void> SealedWriter::put(QByteArrayView bytes)
{
    if (auto written = base::writeAll(m_file, bytes); !written)
        return base::fileError(m_path, "written"_L1, written.error().detail);
    m_bytes += bytes.size();
    return {};
}

Result<void> SealedWriter::commit()
{
    if (auto flushed = flushChunk(true); !flushed)
        return flushed;
    if (const auto synced = base::syncFile(m_file); !synced)
        return base::fileError(m_path, "written"_L1, synced.error().detail);
    // Refuses if the name is taken, in one step.
    if (!m_file.rename(m_path)) {
        if (QFileInfo::exists(m_path))
            return {Errc::InvalidSetting, u"%1 already exists and is not overwritten"_s.arg(m_path)};
        return failed();
    }
    m_file.setAutoRemove(false);
    return base::syncFolder(QFileInfo(m_path).path());
}

Error SealedWriter::failed() const
{
    return base::fileError(m_path, "written"_L1, m_file.errorString());
}

SealedReader::SealedReader(const QString &path)
    : m_path(path)
    , m_file(path)
    , m_state(StateBytes)
    , m_chunk(ChunkBytes)
{
}

Result<std::unique_ptr<SealedReader>> SealedReader::open(const QString &path, SealedKind kind,
                                                         const SecretBytes &passphrase)
{
    if (const auto usable = checkPassphrase(passphrase); !usable)
        return usable.error();
    std::unique_ptr<SealedReader> reader(new SealedReader(path));
    if (const auto begun = reader->begin(kind, passphrase); !begun)
        return begun.error();
    return reader;
}

Result<void> SealedReader::begin(SealedKind kind, const SecretBytes &passphrase)
{
    if (const auto opened = base::openToRead(m_file, base::Pipes::Read); !opened)
        return base::fileError(m_path, "read"_L1, opened.error().detail);
    const QByteArray first = m_file.readLine(LongestLine);
    if (first != firstLine(kind)) {
        for (const SealedKind other : {SealedKind::Identity, SealedKind::Backup}) {
            if (first == firstLine(other))
                return {Errc::Corrupt, u"%1 is %2, not %3"_s.arg(m_path, kindText(other), kindText(kind))};
        }
        return {Errc::Corrupt, u"%1 is not %2 of a version that this program knows"_s.arg(m_path, kindText(kind))};
    }
    const QByteArray second = m_file.readLine(LongestLine);
    const auto recipe = parseRecipe(second);
    const QByteArray header = m_file.read(StreamHeaderBytes);
    if (!recipe || header.size() != StreamHeaderBytes)
        return damaged();
    const auto key = keyFrom(passphrase, recipe->salt, recipe->cost);
    if (!key)
        return key.error();
    if (crypto_secretstream_xchacha20poly1305_init_pull(stateOf(m_state), bytesOf(header), key->data()) != 0)
        return damaged();
    auto pulled = pullChunk(first + second);
    if (!pulled && pulled.error().code == Errc::Corrupt)
        return {Errc::Corrupt, u"%1 cannot be opened: the passphrase is wrong, or the file is damaged"_s.arg(m_path)};
    return pulled;
}

Result<void> SealedReader::pullChunk(QByteArrayView additional)
{
    m_sealed.resize(ChunkBytes + SealBytes);
    const qint64 got = m_file.read(m_sealed.data(), m_sealed.size());
    if (got < 0)
        return failed();
    if (got < SealBytes)
        return damaged();
    unsigned char tag = 0;
    if (crypto_secretstream_xchacha20poly1305_pull(stateOf(m_state), m_chunk.data(), nullptr, &tag, bytesOf(m_sealed),
                                                   static_cast<unsigned long long>(got), bytesOf(additional),
                                                   static_cast<unsigned long long>(additional.size())) != 0)
        return damaged();
    m_last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    if (m_last && !m_file.atEnd())
        return damaged();
    m_size = qsizetype(got) - SealBytes;
    m_used = 0;
    return {};
}

Result<void> SealedReader::read(char *out, qsizetype size)
{
    while (size > 0) {
        const auto ended = atEnd();
        if (!ended)
            return ended.error();
        if (*ended)
            return damaged();
        const qsizetype some = std::min(size, m_size - m_used);
        std::memcpy(out, m_chunk.data() + m_used, size_t(some));
        m_used += some;
        out += some;
        size -= some;
    }
    return {};
}

Result<bool> SealedReader::atEnd()
{
    while (m_used == m_size && !m_last) {
        if (const auto pulled = pullChunk({}); !pulled)
            return pulled.error();
    }
    return m_used == m_size;
}

Error SealedReader::failed() const
{
    return base::fileError(m_path, "read"_L1, m_file.errorString());
}

Error SealedReader::damaged() const
{
    return {Errc::Corrupt, u"%1 is damaged or cut short"_s.arg(m_path), 0};
}

} // namespace restante::identity
