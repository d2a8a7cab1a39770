// SPDX-License-Identifier: GPL-3.0-or-later
// Statements over QSqlQuery, and the translation of SQLite's result codes.
#include "core/store/statement.h"

#include "core/store/connection_state.h"

#include <QSqlError>
#include <QVariant>

namespace sr::store {
namespace {

constexpr std::size_t kMaxCompiled = 256; // chosen: the catalog's filters make about 100 different texts

QString textOf(std::string_view utf8)
{
    if (utf8.empty())
        return QStringLiteral(""); // a null QString would bind NULL
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

} // namespace

Error errorOf(const QSqlError& error, std::string_view doing)
{
    const std::string context = std::string(doing) + ": " + error.text().trimmed().toStdString();
    // The low byte of an extended result code is the plain one (sqlite.org/rescode.html).
    switch (error.nativeErrorCode().toInt() & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
        return fail(StoreErrc::Busy, context);
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
        return fail(StoreErrc::Corrupt, context);
    case 13: // SQLITE_FULL
        return fail(BaseErrc::DiskFull, context);
    case 3:  // SQLITE_PERM
    case 8:  // SQLITE_READONLY
    case 23: // SQLITE_AUTH
        return fail(BaseErrc::Denied, context);
    case 10: // SQLITE_IOERR
    case 14: // SQLITE_CANTOPEN
        return fail(BaseErrc::Io, context);
    case 19: // SQLITE_CONSTRAINT
        return fail(StoreErrc::Constraint, context);
    default:
        return fail(StoreErrc::Failed, context);
    }
}

Result<Statement> Connection::prepare(std::string_view sql)
{
    std::string key(sql);
    if (const auto found = m_state->compiled.find(key); found != m_state->compiled.end()) {
        auto query = std::move(found->second);
        m_state->compiled.erase(found);
        return Statement(*this, std::move(key), std::move(query));
    }
    auto query = std::make_unique<QSqlQuery>(m_state->database);
    query->setForwardOnly(true);
    if (!query->prepare(textOf(sql)))
        return errorOf(query->lastError(), "prepare");
    return Statement(*this, std::move(key), std::move(query));
}

Status Connection::run(std::string_view sql)
{
    QSqlQuery query(m_state->database);
    query.setForwardOnly(true);
    if (!query.exec(textOf(sql)))
        return errorOf(query.lastError(), sql.substr(0, 60));
    return {};
}

Result<std::int64_t> Connection::number(std::string_view sql)
{
    auto statement = prepare(sql);
    if (!statement)
        return statement.error();
    const auto row = statement->next();
    if (!row)
        return row.error();
    return *row ? statement->number(0) : std::int64_t{0};
}

Statement::Statement(Connection& connection, std::string sql, std::unique_ptr<QSqlQuery> query)
    : m_connection(&connection)
    , m_sql(std::move(sql))
    , m_query(std::move(query))
{}

Statement::Statement(Statement&& other) noexcept = default;

Statement::~Statement()
{
    if (!m_query)
        return;        // moved from
    m_query->finish(); // gives up the read lock
    auto& compiled = m_connection->m_state->compiled;
    if (compiled.size() >= kMaxCompiled)
        compiled.erase(compiled.begin());
    compiled.emplace(std::move(m_sql), std::move(m_query));
}

Statement& Statement::bind(std::int64_t value)
{
    m_query->bindValue(m_bound++, QVariant::fromValue(static_cast<qlonglong>(value)));
    return *this;
}

Statement& Statement::bind(std::string_view utf8)
{
    m_query->bindValue(m_bound++, textOf(utf8));
    return *this;
}

Statement& Statement::bind(ByteView blob)
{
    const auto* start = blob.empty() ? "" : reinterpret_cast<const char*>(blob.data()); // null binds NULL
    m_query->bindValue(m_bound++, QByteArray(start, static_cast<qsizetype>(blob.size())));
    return *this;
}

Result<bool> Statement::next()
{
    if (!m_executed) {
        m_bound = 0;
        if (!m_query->exec())
            return errorOf(m_query->lastError(), "query");
        m_executed = true;
    }
    if (m_query->next())
        return true;
    if (m_query->lastError().isValid()) {
        const Error error = errorOf(m_query->lastError(), "read");
        rewind();
        return error;
    }
    rewind();
    return false;
}

Status Statement::run()
{
    m_bound = 0;
    if (!m_query->exec())
        return errorOf(m_query->lastError(), "write");
    m_query->finish();
    return {};
}

void Statement::rewind()
{
    m_query->finish();
    m_bound = 0;
    m_executed = false;
}

std::int64_t Statement::number(int column) const
{
    return m_query->value(column).toLongLong();
}

std::string Statement::text(int column) const
{
    return m_query->value(column).toString().toStdString();
}

Bytes Statement::bytes(int column) const
{
    const QByteArray blob = m_query->value(column).toByteArray();
    const ByteView view = bytesOf(std::string_view(blob.constData(), static_cast<std::size_t>(blob.size())));
    return {view.begin(), view.end()};
}

} // namespace sr::store
