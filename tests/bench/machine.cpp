// SPDX-License-Identifier: GPL-3.0-or-later
#include "machine.h"

#include <QtCore/QElapsedTimer>
#include <QtCore/QFile>
#include <QtCore/QStorageInfo>
#include <QtCore/QSysInfo>
#include <QtSql/QSqlDatabase>
#include <QtSql/QSqlError>
#include <QtSql/QSqlQuery>

#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <thread>

namespace restante::bench
{

namespace
{

QString lineOf(const QString &path, QByteArrayView key)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith(key))
            return QString::fromUtf8(line.mid(line.indexOf(':') + 1).simplified());
    }
    return {};
}

// A connection that is gone when this is gone.
class Scratch
{
public:
    explicit Scratch(const QString &path)
        : m_database(QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), Name()))
    {
        m_database.setDatabaseName(path);
    }
    ~Scratch()
    {
        m_database.close();
        m_database = QSqlDatabase();
        QSqlDatabase::removeDatabase(Name());
    }
    Q_DISABLE_COPY_MOVE(Scratch)

    QSqlDatabase &database() { return m_database; }

private:
    static QString Name() { return QStringLiteral("bench"); }

    QSqlDatabase m_database;
};

QString sqliteVersion()
{
    Scratch scratch(QStringLiteral(":memory:"));
    if (!scratch.database().open())
        return {};
    QSqlQuery query(scratch.database());
    return query.exec(QStringLiteral("SELECT sqlite_version()")) && query.next() ? query.value(0).toString()
                                                                                 : QString();
}

Result<void> writeOut(QFile &file, const QByteArray &bytes)
{
    if (file.write(bytes) != bytes.size() || !file.flush() || ::fdatasync(file.handle()) != 0)
        return {Errc::Io, QStringLiteral("cannot write %1: %2").arg(file.fileName(), file.errorString())};
    return {};
}

Result<double> fileWriterSeconds(const QString &path, qint64 count, const QByteArray &entry, int batch)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return {Errc::Io, file.errorString()};
    const QByteArray block = entry.repeated(batch);
    QElapsedTimer timer;
    timer.start();
    for (qint64 done = 0; done < count; done += batch) {
        if (const auto written = writeOut(file, block); !written)
            return written.error();
    }
    const double seconds = double(timer.nsecsElapsed()) / 1e9;
    file.remove();
    return seconds;
}

Result<double> sqliteWriterSeconds(const QString &path, qint64 count, const QByteArray &entry, int batch)
{
    Scratch scratch(path);
    QSqlDatabase &database = scratch.database();
    const auto failed = [&database](const QSqlQuery &query) {
        return Error{Errc::Io, query.lastError().isValid() ? query.lastError().text() : database.lastError().text(), 0};
    };
    database.open();
    QSqlQuery query(database);
    for (const char *statement : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
                                  "CREATE TABLE entries(id INTEGER PRIMARY KEY, body BLOB NOT NULL)"}) {
        if (!query.exec(QLatin1String(statement)))
            return failed(query);
    }
    if (!query.prepare(QStringLiteral("INSERT INTO entries(body) VALUES(?)")))
        return failed(query);
    QElapsedTimer timer;
    timer.start();
    for (qint64 done = 0; done < count; done += batch) {
        if (!database.transaction())
            return failed(query);
        for (int i = 0; i < batch; ++i) {
            query.bindValue(0, entry);
            if (!query.exec())
                return failed(query);
        }
        if (!database.commit())
            return failed(query);
    }
    return double(timer.nsecsElapsed()) / 1e9;
}

} // namespace

QList<QPair<QString, QString>> describeMachine(const QString &folder)
{
    const QStorageInfo storage(folder);
    return {
        {QStringLiteral("processor"), lineOf(QStringLiteral("/proc/cpuinfo"), "model name")},
        {QStringLiteral("cores"), QString::number(std::thread::hardware_concurrency())},
        {QStringLiteral("memory"), lineOf(QStringLiteral("/proc/meminfo"), "MemTotal")},
        {QStringLiteral("system"), QSysInfo::prettyProductName()},
        {QStringLiteral("kernel"), QSysInfo::kernelType() + u' ' + QSysInfo::kernelVersion()},
        {QStringLiteral("file system"), QString::fromLatin1(storage.fileSystemType())},
        {QStringLiteral("Qt"), QString::fromLatin1(qVersion())},
        {QStringLiteral("SQLite"), sqliteVersion()},
        {QStringLiteral("libsodium"), QString::fromLatin1(sodium_version_string())},
    };
}

bool liesInMemory(const QString &folder)
{
    const QByteArray type = QStorageInfo(folder).fileSystemType();
    return type == "tmpfs" || type == "ramfs";
}

Result<std::vector<double>> syncTimes(const QString &folder, int count)
{
    QFile file(folder + QStringLiteral("/fsync"));
    if (!file.open(QIODevice::WriteOnly))
        return {Errc::Io, file.errorString()};
    const QByteArray block(4096, 'x');
    std::vector<double> times;
    for (int i = 0; i < count; ++i) {
        QElapsedTimer timer;
        timer.start();
        if (const auto written = writeOut(file, block); !written)
            return written.error();
        times.push_back(double(timer.nsecsElapsed()) / 1e6);
    }
    file.remove();
    std::sort(times.begin(), times.end());
    return times;
}

double verificationUs(int bytes)
{
    constexpr int Count = 5'000;
    std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> publicKey{};
    std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secretKey{};
    std::array<unsigned char, crypto_sign_BYTES> signature{};
    const std::vector<unsigned char> message(size_t(bytes), 'm');
    crypto_sign_keypair(publicKey.data(), secretKey.data());
    crypto_sign_detached(signature.data(), nullptr, message.data(), message.size(), secretKey.data());
    timespec begin{};
    timespec end{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &begin);
    int good = 0;
    for (int i = 0; i < Count; ++i)
        good += crypto_sign_verify_detached(signature.data(), message.data(), message.size(), publicKey.data()) == 0;
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    const double seconds = double(end.tv_sec - begin.tv_sec) + double(end.tv_nsec - begin.tv_nsec) / 1e9;
    return good == Count ? seconds * 1e6 / Count : 0;
}

Result<PlainWriterTimes> plainWriterTimes(const QString &folder, qint64 count, qint64 bytes, int batch)
{
    QByteArray entry(bytes, Qt::Uninitialized);
    randombytes_buf(entry.data(), size_t(entry.size()));
    PlainWriterTimes times;
    const auto file = fileWriterSeconds(folder + QStringLiteral("/plain"), count, entry, batch);
    if (!file)
        return file.error();
    times.file = *file;
    const QString path = folder + QStringLiteral("/plain.sqlite");
    const auto sqlite = sqliteWriterSeconds(path, count, entry, batch);
    for (const char *suffix : {"", "-wal", "-shm"})
        QFile::remove(path + QLatin1String(suffix));
    if (!sqlite)
        return sqlite.error();
    times.sqlite = *sqlite;
    return times;
}

} // namespace restante::bench
