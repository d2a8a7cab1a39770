// SPDX-License-Identifier: GPL-3.0-or-later
// VACUUM INTO, which reads in one transaction and so waits for nobody.
#include "core/store/snapshot.h"

#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>

#include <atomic>

namespace sr::store {
namespace {

constexpr int kBusyMs = 10'000;
constexpr std::string_view kNotADatabase = "26"; ///< SQLITE_NOTADB
constexpr std::string_view kCorrupt = "11";      ///< SQLITE_CORRUPT
constexpr std::string_view kBusy = "5";          ///< SQLITE_BUSY

QString textOf(const Path& path)
{
    const std::string text = utf8Of(path);
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

Error failed(const QSqlError& error, const Path& file)
{
    const std::string code = error.nativeErrorCode().toStdString();
    const auto kind = code == kNotADatabase || code == kCorrupt ? StoreErrc::Corrupt
                      : code == kBusy                           ? StoreErrc::Busy
                                                                : StoreErrc::Failed;
    return fail(kind, utf8Of(file) + ": " + error.databaseText().toStdString());
}

Status copy(const QString& connection, const Path& file, const Path& to)
{
    QSqlDatabase database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
    database.setDatabaseName(textOf(file));
    database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(kBusyMs));
    if (!database.open())
        return failed(database.lastError(), file);
    QSqlQuery query(database);
    query.prepare(QStringLiteral("VACUUM INTO ?"));
    query.addBindValue(textOf(to));
    return query.exec() ? Status() : Status(failed(query.lastError(), file));
}

} // namespace

Status snapshotDatabase(const Path& file, const Path& to)
{
    static std::atomic<unsigned> counter = 0;
    if (!fileExists(file)) // SQLite would make it
        return fail(BaseErrc::NotFound, utf8Of(file));
    const QString connection = QStringLiteral("sr-snapshot-%1").arg(counter++);
    const Status done = copy(connection, file, to);
    QSqlDatabase::removeDatabase(connection);
    return done;
}

} // namespace sr::store
