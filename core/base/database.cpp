// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/database.h"

#include "base/inputfile.h"
#include "base/ondisk.h"
#include "base/sqltransaction.h"

#include <QtCore/QDir>
#include <QtCore/QFile>
#include <QtCore/QFileInfo>
#include <QtCore/QRegularExpression>
#include <QtCore/QUuid>
#include <QtSql/QSqlError>
#include <QtSql/QSqlQuery>

#include <utility>

// A static library's resources are linked in only if somebody asks for them; the macro wants global scope.
static void registerMigrations()
{
    Q_INIT_RESOURCE(migrations);
}

namespace restante::base
{

namespace
{

const auto CreateVersionTable = QStringLiteral("CREATE TABLE schema_version (version INTEGER NOT NULL)");
const auto FirstVersion = QStringLiteral("INSERT INTO schema_version (version) VALUES (0)");
const auto SelectVersion = QStringLiteral("SELECT version FROM schema_version");
const auto UpdateVersion = QStringLiteral("UPDATE schema_version SET version = ?");
const auto VersionTable = QStringLiteral("schema_version");

/// The statements of a migration: separated by a semicolon at a line's end; lines that start with -- are for people.
QStringList statementsOf(const QString &script)
{
    QStringList statements;
    QString current;
    const auto lines = script.split(QLatin1Char('\n'));
    for (const QString &line : lines) {
        const QString trimmed = line.trimmed();
        if (trimmed.isEmpty() || trimmed.startsWith(QLatin1String("--")))
            continue;
        current += line + QLatin1Char('\n');
        if (trimmed.endsWith(QLatin1Char(';'))) {
            statements << current;
            current.clear();
        }
    }
    if (!current.isEmpty())
        statements << current;
    return statements;
}

QDir migrationsOf(const SqlDialect &dialect, QLatin1String set)
{
    return QDir(dialect.migrations() + (set.isEmpty() ? QString() : QLatin1Char('-') + set));
}

QStringList migrationFiles(const QDir &folder)
{
    return folder.entryList({QStringLiteral("*.sql")}, QDir::Files, QDir::Name);
}

int newestOf(const QStringList &files)
{
    return files.isEmpty() ? 0 : files.last().section(QLatin1Char('_'), 0, 0).toInt();
}

/// Of the file or of one of those that SQLite keeps beside it.
QString databaseOwnerHint(const QString &file)
{
    for (const char *beside : {"", "-wal", "-shm"}) {
        const QString name = file + QLatin1String(beside);
        if (QString hint = QFile::exists(name) ? ownerHint(name) : QString(); !hint.isEmpty())
            return hint;
    }
    return ownerHint(QFileInfo(file).absolutePath());
}

} // namespace

Result<std::unique_ptr<Database>> Database::open(const ConnectionOptions &options, const SqlDialect &dialect)
{
    auto database = std::unique_ptr<Database>(new Database(
        QLatin1String("restante-") + QUuid::createUuid().toString(QUuid::Id128), dialect, options.busyTimeoutMs));
    if (auto configured = dialect.configure(database->m_connection, options); !configured)
        return configured.error();
    if (!database->m_connection.isValid())
        return Error{Errc::Io, QStringLiteral("Qt's database driver %1 is not installed.").arg(dialect.driver()), 0};
    if (!database->m_connection.open()) {
        Error error = database->translate(database->m_connection.lastError());
        if (error.code == Errc::StorageFailed)
            error.code = Errc::Io;
        return error;
    }
    const QStringList preamble = dialect.preamble(options);
    for (const QString &statement : preamble) {
        if (auto done = database->run(statement); !done)
            return done.error();
    }
    if (!options.readOnly) {
        const QStringList files = dialect.files(options);
        for (const QString &file : files)
            database->m_files.emplace_back(file);
    }
    return database;
}

Result<std::unique_ptr<Database>> Database::openIfUsed(const ConnectionOptions &options)
{
    if (const QString problem = notAFile(options.database); !problem.isEmpty()) // the size of a pipe is 0
        return fileError(options.database, QLatin1String("opened"), problem);
    if (QFileInfo(options.database).size() == 0)
        return std::unique_ptr<Database>();
    auto database = open(options);
    if (!database)
        return database.error();
    const auto version = (*database)->schemaVersion();
    if (!version)
        return version.error();
    return *version > 0 ? *std::move(database) : std::unique_ptr<Database>();
}

Database::Database(QString name, const SqlDialect &dialect, int busyTimeoutMs)
    : m_name(std::move(name))
    , m_dialect(dialect)
    , m_busyTimeoutMs(busyTimeoutMs)
    , m_connection(QSqlDatabase::addDatabase(dialect.driver(), m_name))
{
}

Database::~Database()
{
    m_connection.close();
    m_connection = {};
    QSqlDatabase::removeDatabase(m_name);
}

Result<void> Database::checkInPlace()
{
    for (PlacedFile &file : m_files) {
        if (!file.isInPlace())
            return {Errc::StorageFailed,
                    QStringLiteral("%1 was removed, moved or replaced while the program was using it. Put it back, or "
                                   "restart the program.")
                        .arg(file.path())};
    }
    return {};
}

void Database::readAnew()
{
    if (!std::exchange(m_metDamage, false))
        return;
    // A page that was read wrongly once stays wrong in the cache for as long as nobody else writes. If this fails
    // nothing is lost by it.
    QSqlQuery(m_connection).exec(m_dialect.forgetCache());
}

Result<void> Database::run(const QString &statement)
{
    readAnew();
    QSqlQuery query(m_connection);
    query.setForwardOnly(true);
    if (!query.exec(statement))
        return translate(query.lastError());
    while (query.isSelect() && query.next()) {
    }
    if (query.lastError().isValid())
        return translate(query.lastError());
    return {};
}

Result<LogState> Database::checkpoint(bool truncate)
{
    const QString statement = m_dialect.checkpoint(truncate);
    if (statement.isEmpty())
        return LogState();
    // To empty the log it would wait for all readers, and writers wait for it.
    if (auto set = truncate ? run(m_dialect.busyTimeout(0)) : Result<void>(); !set)
        return set.error();
    const auto copy = [this, &statement]() -> Result<LogState> {
        QSqlQuery query(m_connection);
        query.setForwardOnly(true);
        if (!query.exec(statement) || !query.next())
            return translate(query.lastError());
        return LogState{query.value(0).toInt() != 0, query.value(1).toLongLong(), query.value(2).toLongLong()};
    };
    const auto state = copy();
    if (auto set = truncate ? run(m_dialect.busyTimeout(m_busyTimeoutMs)) : Result<void>(); !set)
        return set.error();
    return state;
}

Result<int> Database::schemaVersion()
{
    const QStringList tables = m_connection.tables();
    if (m_connection.lastError().isValid())
        return translate(m_connection.lastError());
    if (!tables.contains(VersionTable)) {
        if (!tables.isEmpty())
            return {Errc::Corrupt,
                    QStringLiteral("The database %1 was not written by Restante.").arg(m_connection.databaseName())};
        return 0;
    }
    QSqlQuery query(m_connection);
    query.setForwardOnly(true);
    if (!query.exec(SelectVersion))
        return translate(query.lastError());
    if (!query.next())
        return {Errc::Corrupt,
                QStringLiteral("The database %1 does not say its version.").arg(m_connection.databaseName())};
    return query.value(0).toInt();
}

Result<bool> Database::isToBeMigrated(QLatin1String set)
{
    registerMigrations();
    const auto version = schemaVersion();
    if (!version)
        return version.error();
    return *version < newestOf(migrationFiles(migrationsOf(m_dialect, set)));
}

Result<void> Database::migrate(QLatin1String set, int last)
{
    registerMigrations();
    auto version = schemaVersion();
    if (!version)
        return version.error();
    const QDir folder = migrationsOf(m_dialect, set);
    const QStringList files = migrationFiles(folder);
    const int newest = newestOf(files);
    if (*version > newest)
        return {Errc::NewerSchema,
                QStringLiteral("The database %1 was written by a newer version of Restante (schema %2, this one knows "
                               "%3). Install the newer version, or move the file away.")
                    .arg(m_connection.databaseName())
                    .arg(*version)
                    .arg(newest)};
    for (const QString &file : files) {
        const int number = file.section(QLatin1Char('_'), 0, 0).toInt();
        if (number <= *version || number > last)
            continue;
        if (auto applied = apply(folder.filePath(file), number); !applied)
            return applied.error();
    }
    return {};
}

Result<void> Database::apply(const QString &file, int version)
{
    QFile script(file);
    if (!script.open(QIODevice::ReadOnly))
        return {Errc::Internal, QStringLiteral("The migration %1 is missing.").arg(file)};
    SqlTransaction transaction(*this);
    if (auto begun = transaction.begin(); !begun)
        return begun;
    if (version == 1) {
        for (const QString &statement : {CreateVersionTable, FirstVersion}) {
            if (auto done = run(statement); !done)
                return done;
        }
    }
    const QStringList statements = statementsOf(QString::fromUtf8(script.readAll()));
    for (const QString &statement : statements) {
        if (auto done = run(statement); !done)
            return done;
    }
    {
        QSqlQuery query(m_connection);
        if (!query.prepare(UpdateVersion))
            return translate(query.lastError());
        query.addBindValue(version);
        if (!query.exec())
            return translate(query.lastError());
    }
    return transaction.commit();
}

Error Database::translate(const QSqlError &error) const
{
    const QString file = m_connection.databaseName();
    // Qt puts its own words before the driver's.
    const QString reason = error.databaseText();
    m_lastFault = m_dialect.fault(error);
    switch (m_lastFault) {
    case SqlFault::Full:
        return {Errc::DiskFull, QStringLiteral("The disk that holds %1 is full.").arg(file), 0};
    case SqlFault::Locked:
        return {Errc::Busy, QStringLiteral("Another program keeps %1 locked.").arg(file), 0};
    case SqlFault::Damaged:
        m_metDamage = true;
        return {
            Errc::Corrupt,
            QStringLiteral("The database %1 is damaged (%2). Stop the program, keep a copy of the file, and restore "
                           "a backup.")
                .arg(file, reason),
            0};
    case SqlFault::NoDatabase:
        m_metDamage = true;
        return {Errc::Corrupt, QStringLiteral("%1 is not a database (%2). It is left as it is.").arg(file, reason), 0};
    case SqlFault::ReadOnly:
        return {Errc::StorageFailed,
                QStringLiteral("The database %1 can only be read (%2)%3.").arg(file, reason, databaseOwnerHint(file)),
                0};
    case SqlFault::Disk:
        return {Errc::StorageFailed,
                QStringLiteral("The disk reports an error for the database %1 (%2).").arg(file, reason), 0};
    case SqlFault::CannotOpen:
        return {Errc::StorageFailed,
                QStringLiteral("The database %1 cannot be opened (%2)%3.").arg(file, reason, databaseOwnerHint(file)),
                0};
    case SqlFault::Memory:
        return {Errc::StorageFailed, QStringLiteral("There is not enough memory for the database %1.").arg(file), 0};
    case SqlFault::None:
    case SqlFault::Constraint:
    case SqlFault::Other:
        break;
    }
    return {Errc::StorageFailed, QStringLiteral("The database %1 failed: %2.").arg(file, error.text()), 0};
}

} // namespace restante::base
