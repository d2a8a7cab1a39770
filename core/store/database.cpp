// SPDX-License-Identifier: GPL-3.0-or-later
// Opening, settings of each connection, schema versions and transactions. Qt binds a connection to the thread
// that made it, so each thread keeps its own, found by the number of the database object.
#include "core/store/database.h"

#include "core/store/connection_state.h"

#include <QSqlError>
#include <QThreadStorage>
#include <QVariant>

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

namespace sr::store {
namespace {

std::atomic<std::uint64_t>& connectionCounter()
{
    static std::atomic<std::uint64_t> counter = 0; // only names in Qt's registry
    return counter;
}

/// Going over to WAL needs the file alone; SQLite does not wait for that, two programs at a new file could
/// fail.
Status goOverToWal(Connection& connection, std::chrono::milliseconds patience)
{
    constexpr std::chrono::milliseconds kPause{5};
    const auto end = std::chrono::steady_clock::now() + patience;
    while (true) {
        auto done = connection.run("PRAGMA journal_mode=WAL");
        if (done || done.error().code != StoreErrc::Busy || std::chrono::steady_clock::now() >= end)
            return done;
        std::this_thread::sleep_for(kPause);
    }
}

} // namespace

struct Database::Shared {
    DatabaseOptions options;
    std::uint64_t number = 0;

    Result<std::unique_ptr<Connection>> connect() const;
    static Result<Connection*> ofThisThread(const std::shared_ptr<Shared>& shared);
    static void forget(std::uint64_t number);

    struct Held {
        std::weak_ptr<Shared> owner;
        std::unique_ptr<Connection> connection;
    };
    /// This thread's connections. Qt closes them when the thread is finished, before QThread::wait() returns,
    /// and the main thread's with the application object. A thread_local would be destroyed too late for
    /// both: after wait(), when the program may be taking Qt SQL down, and with MinGW after its memory was
    /// given back.
    static std::map<std::uint64_t, Held>& held()
    {
        static QThreadStorage<std::map<std::uint64_t, Held>> ofThread;
        return ofThread.localData();
    }
};

Connection::State::~State()
{
    compiled.clear();
    database.close();
    database = QSqlDatabase();
    QSqlDatabase::removeDatabase(name);
}

Connection::Connection(std::unique_ptr<State> state)
    : m_state(std::move(state))
{}
Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Database::Shared::connect() const
{
    auto state = std::make_unique<Connection::State>();
    state->name = QStringLiteral("sr-%1").arg(connectionCounter()++);
    state->database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), state->name);
    const std::string file = utf8Of(options.file);
    state->database.setDatabaseName(QString::fromUtf8(file.data(), static_cast<qsizetype>(file.size())));
    state->database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(options.busyTimeoutMs));
    if (!state->database.open())
        return errorOf(state->database.lastError(), "open " + file);
    std::unique_ptr<Connection> connection(new Connection(std::move(state)));
    const auto named = [&file](const Error& error) { return Error{error.code, file + ": " + error.context}; };
    // The page size counts for a new file only and must come before WAL.
    if (const auto done = connection->run("PRAGMA page_size=" + std::to_string(options.pageBytes)); !done)
        return named(done.error());
    if (const auto done = goOverToWal(*connection, std::chrono::milliseconds(options.busyTimeoutMs)); !done)
        return named(done.error());
    // synchronous=FULL: a commit is on the disk when it returns, also in WAL mode.
    const std::vector<std::string> settings = {
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA trusted_schema=OFF",
        "PRAGMA temp_store=MEMORY",
        "PRAGMA cache_size=-" + std::to_string(options.cacheKib),
        "PRAGMA mmap_size=" + std::to_string(options.mapBytes),
        "PRAGMA wal_autocheckpoint=12000",
        "PRAGMA journal_size_limit=67108864",
    };
    for (const auto& setting : settings)
        if (const auto done = connection->run(setting); !done)
            return named(done.error());
    return connection;
}

Result<Connection*> Database::Shared::ofThisThread(const std::shared_ptr<Shared>& shared)
{
    auto& mine = held();
    if (const auto found = mine.find(shared->number); found != mine.end())
        return found->second.connection.get();
    std::erase_if(mine, [](const auto& entry) { return entry.second.owner.expired(); });
    auto connection = shared->connect();
    if (!connection)
        return connection.error();
    Connection* const raw = connection->get();
    mine.emplace(shared->number, Held{shared, std::move(*connection)});
    return raw;
}

void Database::Shared::forget(std::uint64_t number)
{
    held().erase(number);
}

Database::Database(std::shared_ptr<Shared> shared)
    : m_shared(std::move(shared))
{}

Database::~Database()
{
    Shared::forget(m_shared->number);
}

Result<std::unique_ptr<Database>> Database::open(DatabaseOptions options)
{
    static std::atomic<std::uint64_t> numbers = 1;
    auto shared = std::make_shared<Shared>();
    shared->options = std::move(options);
    shared->number = numbers++;
    std::unique_ptr<Database> database(new Database(shared));
    auto connection = database->connection();
    if (!connection)
        return connection.error();
    if (const auto done = database->migrate(**connection); !done)
        return Error{done.error().code, utf8Of(shared->options.file) + ": " + done.error().context};
    return database;
}

Result<Connection*> Database::connection()
{
    return Shared::ofThisThread(m_shared);
}

Status Database::migrate(Connection& connection)
{
    const auto& options = m_shared->options;
    const auto wanted = static_cast<std::int64_t>(options.migrations.size());
    const auto current = [&]() -> Result<std::int64_t> {
        const auto id = connection.number("PRAGMA application_id");
        if (!id)
            return id.error();
        const auto version = connection.number("PRAGMA user_version");
        if (!version)
            return version.error();
        const auto tables = connection.number("SELECT count(*) FROM sqlite_master");
        if (!tables)
            return tables.error();
        if (*id != options.applicationId && (*id != 0 || *version != 0 || *tables != 0))
            return fail(StoreErrc::Foreign, "application id " + std::to_string(*id));
        if (*version > wanted)
            return fail(StoreErrc::NewerVersion, "schema version " + std::to_string(*version) +
                                                     ", this program knows " + std::to_string(wanted));
        return *version;
    };
    { // one view of the three, while another program may be making them
        const auto view = Transaction::begin(connection, Transaction::Mode::Read);
        if (!view)
            return view.error();
        const auto version = current();
        if (!version || *version == wanted)
            return version ? Status{} : Status(version.error());
    }
    auto transaction = Transaction::begin(connection, Transaction::Mode::Write);
    if (!transaction)
        return transaction.error();
    const auto version = current(); // another program may have been first
    if (!version)
        return version.error();
    m_created = *version == 0;
    for (auto step = *version; step < wanted; ++step)
        if (const auto done = options.migrations[static_cast<std::size_t>(step)](connection); !done)
            return done.error();
    if (const auto done = connection.run("PRAGMA user_version=" + std::to_string(wanted)); !done)
        return done.error();
    if (const auto done = connection.run("PRAGMA application_id=" + std::to_string(options.applicationId));
        !done)
        return done.error();
    return transaction->commit();
}

Transaction::Transaction(Connection& connection)
    : m_connection(&connection)
{}

Transaction::Transaction(Transaction&& other) noexcept
    : m_connection(std::exchange(other.m_connection, nullptr))
{}

Result<Transaction> Transaction::begin(Connection& connection, Mode mode)
{
    const auto begun = connection.run(mode == Mode::Read ? "BEGIN" : "BEGIN IMMEDIATE");
    if (!begun)
        return begun.error();
    return Transaction(connection);
}

Transaction::~Transaction()
{
    if (m_connection)
        (void)static_cast<bool>(m_connection->run("ROLLBACK")); // fails only if SQLite rolled back by itself
}

Status Transaction::commit()
{
    const auto done = m_connection->run("COMMIT");
    if (!done)
        return done.error(); // the destructor rolls back
    m_connection = nullptr;
    return {};
}

} // namespace sr::store
