// SPDX-License-Identifier: GPL-3.0-or-later
// An embedded database file (SQLite, WAL, on a local disk): schema versions, one connection per thread,
// transactions. Needs a QCoreApplication.
#pragma once

#include "core/base/file.h"
#include "core/store/statement.h"
#include "core/store/store_errors.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sr::store {

class Connection;

/// Brings a schema from version n to n + 1, inside a transaction.
using Migration = std::function<Status(Connection&)>;

struct DatabaseOptions {
    Path file;
    std::int32_t applicationId = 0;    ///< marks the kind of file; another one is StoreErrc::Foreign
    std::vector<Migration> migrations; ///< schema version = their number; never change one that was released
    int busyTimeoutMs = 10'000;        ///< how long to wait for another program's transaction [ms]
    int cacheKib = 16 * 1024;          ///< page cache of each connection [KiB], taken as needed
    int pageBytes = 4096;              ///< of a new file [octets]
    std::int64_t mapBytes = 0;         ///< read through a memory map up to this size [octets]; 0: never
};

/// A connection that belongs to the thread that asked for it.
class Connection {
public:
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// Compiles `sql` or takes it from this connection's cache. One statement, `?` as placeholders.
    Result<Statement> prepare(std::string_view sql);
    Status run(std::string_view sql); ///< one statement without values or rows
    /// The single number a query gives; 0 if it gives no row.
    Result<std::int64_t> number(std::string_view sql);

private:
    friend class Database;
    friend class Statement;
    struct State;
    explicit Connection(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// Rolled back unless committed. Lives within one thread.
class Transaction {
public:
    enum class Mode {
        Read, ///< one unchanging view of the data; writers go on meanwhile
        Write ///< takes the write lock at once, waiting up to the time-out
    };
    static Result<Transaction> begin(Connection& connection, Mode mode);
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    Status commit(); ///< after a write: durable on return (synchronous=FULL)

private:
    explicit Transaction(Connection& connection);
    Connection* m_connection;
};

/// Any thread. Several programs may have the same file open.
class Database {
public:
    /// Opens or makes the file and migrates it. NewerVersion, Foreign, Corrupt: the file is left as it is.
    static Result<std::unique_ptr<Database>> open(DatabaseOptions options);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// The calling thread's connection, opened at its first call and closed with the thread, before
    /// QThread::wait() or join() returns (or at the next first call after this object has gone). Valid while
    /// both live.
    Result<Connection*> connection();
    bool wasCreated() const { return m_created; } ///< by this open(): it holds no data yet

private:
    struct Shared;
    explicit Database(std::shared_ptr<Shared> shared);
    Status migrate(Connection& connection);
    std::shared_ptr<Shared> m_shared;
    bool m_created = false;
};

} // namespace sr::store
