// SPDX-License-Identifier: GPL-3.0-or-later
// Files that only a passphrase opens: exported identities and backups.
//
//     restante-backup 1\n                  what it is, and the version of this format
//     argon2id 3 268435456 <salt>\n        how the key is made: operations, bytes of memory, 32 hexadecimal digits
//     24 bytes                             the header of libsodium's crypto_secretstream_xchacha20poly1305
//     chunks of 65,536 bytes, sealed       each 17 bytes longer; the last one is shorter or as long, and says so
//
// The two lines are authenticated with the first chunk.
#pragma once

#include "base/result.h"
#include "identity/secretbytes.h"

#include <QtCore/QByteArray>
#include <QtCore/QFile>
#include <QtCore/QTemporaryFile>

#include <memory>

namespace restante::identity
{

enum class SealedKind { Identity, Backup };

/// What it costs to try one passphrase (crypto_pwhash's limits for Argon2id).
struct PassphraseCost {
    quint64 operations = 3;
    quint64 memoryBytes = quint64(256) << 20;

    /// What new files get, libsodium's MODERATE: about a second. Files that ask for more are refused: a stranger's file
    /// must not take all memory, or minutes.
    static PassphraseCost moderate() { return {}; }
    /// The least that libsodium knows: for tests.
    static PassphraseCost least() { return {1, 8192}; }
};

/// Writes a sealed file of any length with little memory. The file has its name only after `commit`, and nothing is
/// left of one that is not committed. One thread; blocks.
class SealedWriter
{
public:
    /// `path` must not exist; the file gets mode 0600. Errc::InvalidSetting if it does or the passphrase is empty,
    /// Errc::Io if nothing can be written there or the memory for the passphrase is missing.
    static Result<std::unique_ptr<SealedWriter>> create(const QString &path, SealedKind kind,
                                                        const SecretBytes &passphrase,
                                                        PassphraseCost cost = PassphraseCost::moderate());
    Q_DISABLE_COPY_MOVE(SealedWriter)

    /// Errc::Io; the file cannot be committed then.
    Result<void> write(QByteArrayView bytes);
    /// Writes everything to the disk and gives the file its name. Errc::Io, and Errc::InvalidSetting if a file has got
    /// that name meanwhile. Nothing may be called after it.
    Result<void> commit();
    /// Written so far, sealed.
    qint64 bytes() const { return m_bytes; }

private:
    explicit SealedWriter(const QString &path);
    Result<void> begin(SealedKind kind, const SecretBytes &passphrase, PassphraseCost cost);
    Result<void> flushChunk(bool last);
    Result<void> put(QByteArrayView bytes);
    Error failed() const;

    QString m_path; ///< absolute
    QTemporaryFile m_file;
    QByteArray m_head; ///< the two lines, until the first chunk is sealed
    SecretBytes m_state;
    SecretBytes m_chunk;
    qsizetype m_used = 0;
    qint64 m_bytes = 0;
};

/// Reads what SealedWriter wrote. What it hands out is authentic; that nothing is missing is known at the end only. One
/// thread; blocks.
class SealedReader
{
public:
    /// Errc::Io if it cannot be read, Errc::Corrupt if it is another kind of file, is damaged at its start or the
    /// passphrase is wrong (these two look the same), Errc::InvalidSetting if the passphrase is empty.
    static Result<std::unique_ptr<SealedReader>> open(const QString &path, SealedKind kind,
                                                      const SecretBytes &passphrase);
    Q_DISABLE_COPY_MOVE(SealedReader)

    /// Exactly `size` bytes, to guarded memory if they are secret. Errc::Corrupt if the content ends before, is damaged
    /// or cut short; Errc::Io.
    Result<void> read(char *out, qsizetype size);
    /// Whether all has been read, to the undamaged end. Errc::Corrupt, Io.
    Result<bool> atEnd();

private:
    explicit SealedReader(const QString &path);
    Result<void> begin(SealedKind kind, const SecretBytes &passphrase);
    Result<void> pullChunk(QByteArrayView additional);
    Error failed() const;
    Error damaged() const;

    QString m_path;
    QFile m_file;
    QByteArray m_sealed;
    SecretBytes m_state;
    SecretBytes m_chunk;
    qsizetype m_size = 0; ///< of what is in the chunk
    qsizetype m_used = 0; ///< of that, handed out
    bool m_last = false;
};

} // namespace restante::identity
