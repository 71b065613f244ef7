// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/backup.h"

#include "base/database.h"
#include "base/databaserewrite.h"
#include "base/inputfile.h"
#include "base/ondisk.h"
#include "identity/identityfile.h"
#include "queue/livingcopy.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QStorageInfo>
#include <QtCore/QtEndian>

#include <algorithm>
#include <array>
#include <cerrno>

using namespace Qt::Literals::StringLiterals;

namespace restante::backup
{

namespace
{
/// What a data folder keeps. Not the log, the lock, the socket, nor node.secret: a new one is made and shown to the
/// homeserver.
struct Kept {
    QLatin1String name;
    bool isDatabase = false;
};
constexpr std::array<Kept, 6> AllKept{{{"identity.key"_L1},
                                       {"relay.pem"_L1}, // friends know the relay by it
                                       {"settings.json"_L1},
                                       {"window.ini"_L1},
                                       {"queue.sqlite"_L1, true},
                                       {"node.sqlite"_L1, true}}};

constexpr qsizetype PieceBytes = qsizetype(64) << 10;
constexpr int BusyTimeoutMs = 10'000;
constexpr qint64 SpareBytes = qint64(64) << 20; // of the disk, left for the program that runs

/// In the data folder, while something is being done.
constexpr auto SnapshotFolder = "backup.part"_L1;
constexpr auto SnapshotLock = "backup.lock"_L1;
constexpr auto RestoreFolder = "restore.part"_L1;

/// A temporary folder, for its owner alone. Nothing else makes one of that name.
class TemporaryFolder
{
public:
    explicit TemporaryFolder(QString path)
        : m_path(std::move(path))
    {
    }
    ~TemporaryFolder() { remove(); }
    Q_DISABLE_COPY_MOVE(TemporaryFolder)

    /// What an earlier one left is removed.
    Result<void> make() const
    {
        constexpr auto mode = QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner;
        if (!remove() || !QDir().mkdir(m_path, mode))
            return base::fileError(m_path, "made"_L1, qt_error_string(errno));
        return {};
    }
    bool remove() const { return QDir(m_path).removeRecursively(); }
    const QString &path() const { return m_path; }
    QString filePath(const QString &name) const { return QDir(m_path).filePath(name); }

private:
    const QString m_path;
};

Error stopped()
{
    return {Errc::Io, u"Interrupted; nothing was changed"_s, 0};
}

Error unreadable(const QFile &file)
{
    return base::fileError(file.fileName(), "read"_L1, file.errorString());
}

Error unwritable(const QFile &file)
{
    return base::fileError(file.fileName(), "written"_L1, file.errorString());
}

class BackupWriter
{
public:
    BackupWriter(const QString &folder, QString target, const Interrupted &interrupted)
        : m_folder(folder)
        , m_target(std::move(target))
        , m_interrupted(interrupted)
        , m_snapshots(m_folder.filePath(SnapshotFolder))
        , m_piece(PieceBytes)
    {
    }

    Result<BackupReport> write(const identity::SecretBytes &passphrase, identity::PassphraseCost cost)
    {
        const identity::IdentityFile identityFile(m_folder.path());
        if (!identityFile.exists())
            return {Errc::InvalidSetting,
                    u"There is nothing to back up: no identity in the data folder %1"_s.arg(m_folder.path())};
        const auto identity = identityFile.load();
        if (!identity)
            return identity.error();
        m_report.serverName = QString::fromUtf8(identity->name().bytes());
        auto writer = identity::SealedWriter::create(m_target, identity::SealedKind::Backup, passphrase, cost);
        if (!writer)
            return writer.error();
        m_writer = *std::move(writer);
        for (const Kept &kept : AllKept) {
            if (const auto finished = kept.isDatabase ? finishRewrite(kept.name) : Result<void>(); !finished)
                return finished.error();
            if (!QFileInfo::exists(m_folder.filePath(kept.name)))
                continue;
            if (const auto added =
                    kept.isDatabase ? addDatabase(kept.name) : addFile(kept.name, m_folder.filePath(kept.name));
                !added)
                return added.error();
        }
        if (const auto ended = m_writer->write(QByteArrayView("\0", 1)); !ended)
            return ended.error();
        if (const auto committed = m_writer->commit(); !committed)
            return committed.error();
        return m_report;
    }

private:
    /// A database must not be left out because it has another name after a power cut, or while a program writes it
    /// anew.
    Result<void> finishRewrite(const QString &name) const
    {
        const base::DatabaseRewrite rewrite(m_folder.filePath(name));
        if (!rewrite.isOutOfPlace())
            return {};
        const auto folder = base::HeldFolder::take(m_folder.path());
        if (folder)
            return rewrite.finishInterrupted();
        if (folder.error().code != Errc::AlreadyRunning)
            return folder.error();
        return {Errc::Busy, u"The running program is writing %1 anew; try again"_s.arg(m_folder.filePath(name))};
    }

    /// A copy of the database, which others may use meanwhile, goes through a file of its own.
    Result<void> addDatabase(const QString &name)
    {
        if (auto room = checkRoom(name); !room)
            return room;
        if (auto made = m_snapshots.make(); !made)
            return made;
        const QString copy = m_snapshots.filePath(name);
        QFile empty(copy); // SQLite keeps the mode of a file that is there
        if (!empty.open(QIODevice::WriteOnly | QIODevice::NewOnly, base::OwnerOnly))
            return unwritable(empty);
        empty.close();
        if (auto taken = snapshot(m_folder.filePath(name), copy); !taken)
            return taken;
        auto added = addFile(name, copy);
        m_snapshots.remove();
        return added;
    }

    static Result<void> snapshot(const QString &name, const QString &copy)
    {
        base::ConnectionOptions options;
        options.database = name;
        options.busyTimeoutMs = BusyTimeoutMs;
        const auto database = base::Database::open(options);
        if (!database)
            return database.error();
        const auto aside = queue::hasTablesAside(**database);
        if (!aside)
            return aside.error();
        if (*aside) // a copy of the whole would meet their damage
            return queue::copyLiving(**database, copy);
        return (*database)->run((*database)->dialect().snapshotInto(copy));
    }

    /// A disk that gets full would take mail from the program that runs.
    Result<void> checkRoom(const QString &name) const
    {
        const QString path = m_folder.filePath(name);
        const qint64 size = QFileInfo(path).size() + QFileInfo(path + "-wal"_L1).size();
        const QStorageInfo here(m_folder.path());
        const QStorageInfo there(QFileInfo(m_target).absolutePath());
        const qint64 needed = here.device() == there.device() ? 2 * size : size;
        if (here.isValid() && here.bytesAvailable() < needed + SpareBytes)
            return {Errc::DiskFull,
                    u"The disk of %1 has not enough room for a copy of it: %2 MiB are needed, so that 64 MiB stay free "
                    "for the program, and %3 MiB are free"_s.arg(path, QString::number((needed + SpareBytes) >> 20),
                                                                 QString::number(here.bytesAvailable() >> 20))};
        return {};
    }

    Result<void> addFile(const QString &name, const QString &path)
    {
        QFile file(path);
        if (const auto opened = base::openToRead(file); !opened) // unbuffered, so that Qt keeps no copy
            return base::fileError(path, "read"_L1, opened.error().detail);
        const qint64 size = file.size();
        const QByteArray encoded = name.toLatin1();
        std::array<char, sizeof(qint64)> length{};
        qToBigEndian(size, length.data());
        const QByteArray head = char(encoded.size()) + encoded + QByteArray(length.data(), qsizetype(length.size()));
        if (auto written = m_writer->write(head); !written)
            return written;
        for (qint64 left = size; left > 0;) {
            if (m_interrupted())
                return stopped();
            const qint64 got = file.read(m_piece.chars(), std::min(left, qint64(m_piece.size())));
            if (got <= 0)
                return unreadable(file);
            if (auto written = m_writer->write(m_piece.view().first(got)); !written)
                return written;
            left -= got;
        }
        m_report.files.append(name);
        m_report.bytes += size;
        return {};
    }

    const QDir m_folder;
    const QString m_target;
    const Interrupted &m_interrupted;
    const TemporaryFolder m_snapshots;
    identity::SecretBytes m_piece;
    std::unique_ptr<identity::SealedWriter> m_writer;
    BackupReport m_report;
};

class BackupReader
{
public:
    BackupReader(QString source, const TemporaryFolder &into, const Interrupted &interrupted)
        : m_source(std::move(source))
        , m_into(into)
        , m_interrupted(interrupted)
        , m_piece(PieceBytes)
    {
    }

    /// All files of the backup, on the disk and known to be undamaged.
    Result<BackupReport> read(identity::SealedReader &reader)
    {
        while (true) {
            const auto name = readName(reader);
            if (!name)
                return name.error();
            if (name->isEmpty())
                break;
            if (const auto copied = copyFile(reader, *name); !copied)
                return copied.error();
        }
        const auto ended = reader.atEnd();
        if (!ended)
            return ended.error();
        if (!*ended)
            return damaged();
        const auto identity = identity::IdentityFile(m_into.path()).load();
        if (!identity)
            return damaged();
        m_report.serverName = QString::fromUtf8(identity->name().bytes());
        return m_report;
    }

private:
    /// Of the next file; empty at the end.
    Result<QString> readName(identity::SealedReader &reader) const
    {
        quint8 length = 0;
        if (const auto read = reader.read(reinterpret_cast<char *>(&length), 1); !read)
            return read.error();
        QByteArray name(length, '\0');
        if (const auto read = reader.read(name.data(), name.size()); !read)
            return read.error();
        const QString text = QString::fromLatin1(name);
        const bool known =
            std::any_of(AllKept.begin(), AllKept.end(), [&text](const Kept &kept) { return kept.name == text; });
        if (length > 0 && (!known || m_report.files.contains(text)))
            return {Errc::Corrupt, u"%1 holds a file that this program does not know"_s.arg(m_source)};
        return text;
    }

    Result<void> copyFile(identity::SealedReader &reader, const QString &name)
    {
        std::array<char, sizeof(qint64)> length{};
        if (auto read = reader.read(length.data(), qsizetype(length.size())); !read)
            return read;
        const auto size = qFromBigEndian<qint64>(length.data());
        if (size < 0)
            return damaged();
        QFile file(m_into.filePath(name));
        if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly | QIODevice::Unbuffered, base::OwnerOnly))
            return unwritable(file);
        for (qint64 left = size; left > 0;) {
            if (m_interrupted())
                return stopped();
            const auto some = qsizetype(std::min(left, qint64(m_piece.size())));
            if (auto read = reader.read(m_piece.chars(), some); !read)
                return read;
            if (auto written = base::writeAll(file, m_piece.view().first(some)); !written)
                return base::fileError(file.fileName(), "written"_L1, written.error().detail);
            left -= some;
        }
        if (const auto synced = base::syncFile(file); !synced)
            return base::fileError(file.fileName(), "written"_L1, synced.error().detail);
        m_report.files.append(name);
        m_report.bytes += size;
        return {};
    }

    Error damaged() const { return {Errc::Corrupt, u"%1 is damaged"_s.arg(m_source), 0}; }

    const QString m_source;
    const TemporaryFolder &m_into;
    const Interrupted &m_interrupted;
    identity::SecretBytes m_piece;
    BackupReport m_report;
};

/// Gives the restored files their places, on the disk too. All of them, or none.
Result<void> moveInto(const QDir &folder, const TemporaryFolder &from, const QStringList &names)
{
    QStringList moved;
    const auto move = [&](const QString &name) -> Result<void> {
        QFile file(from.filePath(name));
        if (!base::giveToOwnerOf(folder.path(), file.fileName()))
            return {Errc::Io, u"%1 cannot be given to the owner of the data folder"_s.arg(file.fileName())};
        if (!file.rename(folder.filePath(name)))
            return base::fileError(folder.filePath(name), "written"_L1, file.errorString());
        moved.append(folder.filePath(name));
        return {};
    };
    const auto moveAll = [&]() -> Result<void> {
        // While the part folder is there, after a power cut too, it says that the data folder is incomplete.
        if (auto synced = base::syncFolder(from.path()); !synced)
            return synced;
        if (auto synced = base::syncFolder(folder.path()); !synced)
            return synced;
        for (const QString &name : names) {
            if (auto done = move(name); !done)
                return done;
        }
        if (auto synced = base::syncFolder(folder.path()); !synced)
            return synced;
        if (!from.remove())
            return {Errc::Io, u"The folder %1 cannot be removed"_s.arg(from.path())};
        return base::syncFolder(folder.path());
    };
    auto done = moveAll();
    if (!done) {
        for (const QString &path : moved)
            QFile::remove(path);
    }
    return done;
}
} // namespace

Result<BackupReport> writeBackup(const QString &folder, const QString &file, const identity::SecretBytes &passphrase,
                                 const Interrupted &interrupted, identity::PassphraseCost cost)
{
    if (isHalfRestored(folder))
        return {Errc::InvalidSetting,
                u"Restoring a backup into %1 was interrupted: there is only a part of it"_s.arg(folder)};
    if (!QFileInfo(folder).isDir())
        return {Errc::InvalidSetting, u"There is nothing to back up: no data folder %1"_s.arg(folder)};
    const auto lock = base::LockFile::take(QDir(folder).filePath(SnapshotLock));
    if (!lock)
        return {Errc::Io, lock.error().code == Errc::AlreadyRunning
                              ? u"Another backup of %1 is being written: %2"_s.arg(folder, lock.error().detail)
                              : lock.error().detail};
    return BackupWriter(folder, file, interrupted).write(passphrase, cost);
}

bool removeLeftBackup(const QString &folder)
{
    const QDir place(folder);
    if (!place.exists(SnapshotFolder))
        return false;
    const auto lock = base::LockFile::take(place.filePath(SnapshotLock));
    return lock && QDir(place.filePath(SnapshotFolder)).removeRecursively();
}

Result<void> mustBeVacant(const base::HeldFolder &folder)
{
    QStringList names = folder.entries();
    if (names.removeAll(RestoreFolder) > 0 && !names.isEmpty())
        return {Errc::InvalidSetting,
                u"An earlier restoring into %1 was interrupted; empty the folder first"_s.arg(folder.path())};
    if (!names.isEmpty())
        return {Errc::InvalidSetting,
                u"The data folder %1 is not empty (%2); nothing was restored"_s.arg(folder.path(), names.first())};
    return {};
}

Result<BackupReport> restoreBackup(const base::HeldFolder &folder, const QString &file,
                                   const identity::SecretBytes &passphrase, const Interrupted &interrupted)
{
    if (const auto vacant = mustBeVacant(folder); !vacant)
        return vacant.error();
    const auto reader = identity::SealedReader::open(file, identity::SealedKind::Backup, passphrase);
    if (!reader)
        return reader.error();
    const QDir place(folder.path());
    const TemporaryFolder part(place.filePath(RestoreFolder));
    if (const auto made = part.make(); !made)
        return made.error();
    auto report = BackupReader(file, part, interrupted).read(**reader);
    if (!report)
        return report;
    if (const auto moved = moveInto(place, part, report->files); !moved)
        return moved.error();
    return report;
}

bool isHalfRestored(const QString &folder)
{
    return QFileInfo::exists(QDir(folder).filePath(RestoreFolder));
}

} // namespace restante::backup
