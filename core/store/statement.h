// SPDX-License-Identifier: GPL-3.0-or-later
// One compiled statement: bind values, step through rows. Keeps Qt SQL out of every other header.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

class QSqlQuery;
class QSqlError;

namespace sr::store {

class Connection;

/// What the database said, as our error.
Error errorOf(const QSqlError& error, std::string_view doing);

/// Belongs to its connection's thread and must not outlive the connection. Values are bound in the order of
/// the `?`. After a full pass, run() or rewind() it may be bound and executed again.
class Statement {
public:
    Statement(Statement&& other) noexcept;
    Statement& operator=(Statement&&) = delete;
    ~Statement(); ///< gives the compiled form back to the connection's cache

    Statement& bind(std::int64_t value);
    Statement& bind(std::string_view utf8); ///< empty is empty text, never NULL
    Statement& bind(ByteView blob);         ///< empty is an empty blob, never NULL

    /// Executes at the first call, then steps; false after the last row.
    Result<bool> next();
    Status run(); ///< executes and forgets any rows
    void rewind();

    std::int64_t number(int column) const; ///< of the current row, from 0
    std::string text(int column) const;    ///< UTF-8
    Bytes bytes(int column) const;         ///< of a blob

private:
    friend class Connection;
    Statement(Connection& connection, std::string sql, std::unique_ptr<QSqlQuery> query);
    Connection* m_connection;
    std::string m_sql;
    std::unique_ptr<QSqlQuery> m_query;
    int m_bound = 0;
    bool m_executed = false;
};

} // namespace sr::store
