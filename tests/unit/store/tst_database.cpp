// SPDX-License-Identifier: GPL-3.0-or-later
// Database files: schema versions, refusals, connections of threads, transactions and values.
#include "core/store/database.h"

#include <QSemaphore>
#include <QSqlDatabase>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include <fstream>
#include <future>
#include <thread>

using namespace sr;
using namespace sr::store;

namespace {

constexpr std::int32_t kKind = 0x54455354;

Migration sqlStep(std::string sql)
{
    return [sql = std::move(sql)](Connection& connection) { return connection.run(sql); };
}

DatabaseOptions optionsFor(const QTemporaryDir& dir, int versions)
{
    DatabaseOptions options;
    options.file = pathOf(dir.filePath(QStringLiteral("a b é.sqlite")).toStdString());
    options.applicationId = kKind;
    const std::vector<Migration> steps = {
        sqlStep("CREATE TABLE word(id INTEGER PRIMARY KEY, text TEXT NOT NULL)"),
        sqlStep("ALTER TABLE word ADD COLUMN weight INTEGER NOT NULL DEFAULT 7"),
        sqlStep("CREATE UNIQUE INDEX word_text ON word(text)"),
    };
    options.migrations.assign(steps.begin(), steps.begin() + versions);
    return options;
}

Status insertWord(Connection& connection, std::string_view text)
{
    auto insert = connection.prepare("INSERT INTO word(text) VALUES(?)");
    return insert ? insert->bind(text).run() : Status(insert.error());
}

} // namespace

class TestDatabase : public QObject {
    Q_OBJECT

private slots:
    void newFileIsMadeAndMigrated();
    void oldSchemaIsBroughtUpToDate();
    void newerSchemaIsRefusedAndLeftAlone();
    void foreignDatabaseIsRefused();
    void garbageIsCalledDamaged();
    void failedMigrationLeavesTheOldVersion();
    void valuesComeBackAsTheyWere();
    void blobsComeBackAsTheyWere();
    void statementsAreReusedAndMayBeNested();
    void uncommittedChangesAreRolledBack();
    void readersKeepTheirViewWhileAWriterCommits();
    void busyDatabaseSaysSo();
    void twoMayMakeTheSameDatabase();
    void eachThreadHasItsOwnConnection();
    void aFinishedThreadHasClosedItsConnection();
    void brokenRuleIsAConstraint();
    void commitsAreDurable();
};

void TestDatabase::newFileIsMadeAndMigrated()
{
    QTemporaryDir dir;
    auto database = Database::open(optionsFor(dir, 3));
    QVERIFY2(database, database ? "" : database.error().text().c_str());
    QVERIFY((*database)->wasCreated());
    const auto connection = (*database)->connection();
    QVERIFY(connection);
    QCOMPARE((*connection)->number("PRAGMA user_version").valueOr(-1), 3);
    QCOMPARE((*connection)->number("PRAGMA application_id").valueOr(-1), std::int64_t{kKind});
    const auto again = Database::open(optionsFor(dir, 3));
    QVERIFY(again);
    QVERIFY(!(*again)->wasCreated());
}

void TestDatabase::oldSchemaIsBroughtUpToDate()
{
    QTemporaryDir dir;
    {
        auto old = Database::open(optionsFor(dir, 1));
        QVERIFY(old);
        QVERIFY(insertWord(**(*old)->connection(), "kept"));
    }
    auto now = Database::open(optionsFor(dir, 3));
    QVERIFY(now);
    QVERIFY(!(*now)->wasCreated());
    const auto connection = (*now)->connection();
    QCOMPARE((*connection)->number("SELECT weight FROM word WHERE text='kept'").valueOr(-1), 7);
}

void TestDatabase::newerSchemaIsRefusedAndLeftAlone()
{
    QTemporaryDir dir;
    QVERIFY(Database::open(optionsFor(dir, 3)));
    const auto older = Database::open(optionsFor(dir, 2));
    QVERIFY(!older);
    QVERIFY(older.error().code == StoreErrc::NewerVersion);
    QVERIFY(older.error().text().find("version 3") != std::string::npos);
    QVERIFY(Database::open(optionsFor(dir, 3)));
}

void TestDatabase::foreignDatabaseIsRefused()
{
    QTemporaryDir dir;
    auto options = optionsFor(dir, 1);
    options.applicationId = 99;
    QVERIFY(Database::open(options));
    const auto other = Database::open(optionsFor(dir, 1));
    QVERIFY(!other);
    QVERIFY(other.error().code == StoreErrc::Foreign);
}

void TestDatabase::garbageIsCalledDamaged()
{
    QTemporaryDir dir;
    const auto options = optionsFor(dir, 1);
    const std::string noise(20'000, 'x');
    std::ofstream(options.file, std::ios::binary) << noise;
    const auto opened = Database::open(options);
    QVERIFY(!opened);
    QVERIFY(opened.error().code == StoreErrc::Corrupt);
}

void TestDatabase::failedMigrationLeavesTheOldVersion()
{
    QTemporaryDir dir;
    {
        auto old = Database::open(optionsFor(dir, 1));
        QVERIFY(old);
        QVERIFY(insertWord(**(*old)->connection(), "twice"));
        QVERIFY(insertWord(**(*old)->connection(), "twice"));
    }
    QVERIFY(!Database::open(optionsFor(dir, 3))); // step 3 wants unique words, step 2 went through
    auto old = Database::open(optionsFor(dir, 1));
    QVERIFY(old);
    QCOMPARE((*(*old)->connection())->number("PRAGMA user_version").valueOr(-1), 1);
    QCOMPARE((*(*old)->connection())->number("SELECT count(*) FROM pragma_table_info('word')").valueOr(-1),
             2);
}

void TestDatabase::valuesComeBackAsTheyWere()
{
    QTemporaryDir dir;
    auto database = Database::open(optionsFor(dir, 2));
    QVERIFY(database);
    Connection& connection = **(*database)->connection();
    const std::vector<std::string> texts = {"", "0703", "Zoë \xf0\x9f\x93\x9e", "a'b\"c;--", "?", ":name"};
    const std::vector<std::int64_t> numbers = {0, -1, INT64_MAX, INT64_MIN, 1LL << 40, 5};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        auto insert = connection.prepare("INSERT INTO word(text, weight) VALUES(?, ?)");
        QVERIFY(insert);
        QVERIFY(insert->bind(texts[i]).bind(numbers[i]).run());
    }
    auto query = connection.prepare("SELECT text, weight FROM word ORDER BY id");
    QVERIFY(query);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        QVERIFY(query->next().valueOr(false));
        QCOMPARE(query->text(0), texts[i]);
        QCOMPARE(query->number(1), numbers[i]);
    }
    QVERIFY(!query->next().valueOr(true));
}

void TestDatabase::blobsComeBackAsTheyWere()
{
    QTemporaryDir dir;
    auto database = Database::open(optionsFor(dir, 1));
    QVERIFY(database);
    Connection& connection = **(*database)->connection();
    QVERIFY(connection.run("CREATE TABLE piece(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)"));
    const std::vector<Bytes> blobs = {{}, {std::byte{0}}, Bytes(1000, std::byte{0xff})};
    for (const Bytes& blob : blobs) {
        auto insert = connection.prepare("INSERT INTO piece(bytes) VALUES(?)");
        QVERIFY(insert && insert->bind(blob).run());
    }
    QCOMPARE(connection.number("SELECT count(*) FROM piece WHERE typeof(bytes)='blob'").valueOr(0), 3);
    auto query = connection.prepare("SELECT bytes FROM piece ORDER BY id");
    for (const Bytes& blob : blobs) {
        QVERIFY(query->next().valueOr(false));
        QVERIFY(query->bytes(0) == blob);
    }
}

void TestDatabase::statementsAreReusedAndMayBeNested()
{
    QTemporaryDir dir;
    auto database = Database::open(optionsFor(dir, 1));
    QVERIFY(database);
    Connection& connection = **(*database)->connection();
    for (const char* word : {"a", "b", "c"})
        QVERIFY(insertWord(connection, word));
    const char* const sql = "SELECT text FROM word WHERE id>=? ORDER BY id";
    auto outer = connection.prepare(sql);
    QVERIFY(outer);
    outer->bind(std::int64_t{1});
    QStringList seen;
    while (outer->next().valueOr(false)) {
        auto inner = connection.prepare(sql); // the same text while the first one is in use
        QVERIFY(inner);
        inner->bind(std::int64_t{3});
        QVERIFY(inner->next().valueOr(false));
        seen << QString::fromStdString(outer->text(0) + inner->text(0));
    }
    QCOMPARE(seen, QStringList({QStringLiteral("ac"), QStringLiteral("bc"), QStringLiteral("cc")}));
    outer->bind(std::int64_t{2}); // after a full pass it may run again
    QVERIFY(outer->next().valueOr(false));
    QCOMPARE(outer->text(0), std::string("b"));
}

void TestDatabase::uncommittedChangesAreRolledBack()
{
    QTemporaryDir dir;
    auto database = Database::open(optionsFor(dir, 1));
    QVERIFY(database);
    Connection& connection = **(*database)->connection();
    {
        auto transaction = Transaction::begin(connection, Transaction::Mode::Write);
        QVERIFY(transaction);
        QVERIFY(insertWord(connection, "gone"));
    }
    QCOMPARE(connection.number("SELECT count(*) FROM word").valueOr(-1), 0);
    {
        auto transaction = Transaction::begin(connection, Transaction::Mode::Write);
        QVERIFY(transaction);
        QVERIFY(insertWord(connection, "stays"));
        QVERIFY(transaction->commit());
    }
    QCOMPARE(connection.number("SELECT count(*) FROM word").valueOr(-1), 1);
}

void TestDatabase::readersKeepTheirViewWhileAWriterCommits()
{
    QTemporaryDir dir;
    auto mine = Database::open(optionsFor(dir, 1));
    auto other = Database::open(optionsFor(dir, 1)); // as another program would
    QVERIFY(mine && other);
    Connection& reader = **(*mine)->connection();
    auto view = Transaction::begin(reader, Transaction::Mode::Read);
    QVERIFY(view);
    QCOMPARE(reader.number("SELECT count(*) FROM word").valueOr(-1), 0);
    QVERIFY(insertWord(**(*other)->connection(), "meanwhile"));
    QCOMPARE(reader.number("SELECT count(*) FROM word").valueOr(-1), 0);
    QVERIFY(view->commit());
    QCOMPARE(reader.number("SELECT count(*) FROM word").valueOr(-1), 1);
}

void TestDatabase::busyDatabaseSaysSo()
{
    QTemporaryDir dir;
    auto options = optionsFor(dir, 1);
    auto mine = Database::open(options);
    options.busyTimeoutMs = 1;
    auto other = Database::open(options);
    QVERIFY(mine && other);
    auto held = Transaction::begin(**(*mine)->connection(), Transaction::Mode::Write);
    QVERIFY(held);
    const auto refused = Transaction::begin(**(*other)->connection(), Transaction::Mode::Write);
    QVERIFY(!refused);
    QVERIFY(refused.error().code == StoreErrc::Busy);
}

void TestDatabase::twoMayMakeTheSameDatabase()
{
    (void)Database::open(optionsFor(QTemporaryDir(), 1)); // finds the driver
    constexpr int kRounds = 40, kMakers = 4;
    for (int round = 0; round < kRounds; ++round) {
        const QTemporaryDir dir;
        std::promise<void> start;
        const std::shared_future<void> started = start.get_future().share();
        std::vector<std::string> faults(kMakers);
        {
            std::vector<std::jthread> makers;
            for (std::string& fault : faults)
                makers.emplace_back([&] {
                    started.wait();
                    const auto made = Database::open(optionsFor(dir, 3));
                    if (!made)
                        fault = made.error().text();
                });
            start.set_value();
        }
        for (const std::string& fault : faults)
            QVERIFY2(fault.empty(), fault.c_str());
    }
}

void TestDatabase::eachThreadHasItsOwnConnection()
{
    QTemporaryDir dir;
    auto database = Database::open(optionsFor(dir, 1));
    QVERIFY(database);
    Connection* const here = *(*database)->connection();
    QCOMPARE(*(*database)->connection(), here);
    constexpr int kThreads = 4, kWords = 50;
    std::vector<Connection*> seen(kThreads);
    std::vector<int> written(kThreads);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < kThreads; ++t)
            threads.emplace_back([&, t] {
                seen[t] = *(*database)->connection();
                for (int i = 0; i < kWords; ++i)
                    written[t] += insertWord(*seen[t], "w") ? 1 : 0;
            });
    }
    for (std::size_t t = 0; t < kThreads; ++t) {
        QVERIFY(seen[t] != here);
        QCOMPARE(written[t], kWords);
    }
    QCOMPARE(here->number("SELECT count(*) FROM word").valueOr(-1), kThreads * kWords);
}

void TestDatabase::aFinishedThreadHasClosedItsConnection()
{
    QTemporaryDir dir;
    const auto database = Database::open(optionsFor(dir, 1));
    QVERIFY(database);
    const QStringList before = QSqlDatabase::connectionNames();
    static QSemaphore looked;
    struct Straggler { // a thread's destructors may come late
        ~Straggler() { looked.tryAcquire(1, 2000); }
        int touched = 0;
    };
    QStringList during;
    const std::unique_ptr<QThread> thread(QThread::create([&] {
        QVERIFY((*database)->connection());
        during = QSqlDatabase::connectionNames();
        thread_local Straggler straggler;
        straggler.touched = 1;
    }));
    thread->start();
    QVERIFY(thread->wait());
    const QStringList after = QSqlDatabase::connectionNames();
    looked.release();
    QCOMPARE(during.size(), before.size() + 1);
    QCOMPARE(after.size(), before.size());
}

void TestDatabase::brokenRuleIsAConstraint()
{
    QTemporaryDir dir;
    auto database = Database::open(optionsFor(dir, 3));
    QVERIFY(database);
    Connection& connection = **(*database)->connection();
    QVERIFY(insertWord(connection, "once"));
    const auto twice = insertWord(connection, "once");
    QVERIFY(!twice);
    QVERIFY(twice.error().code == StoreErrc::Constraint);
    QVERIFY(insertWord(connection, "more")); // and the statement still serves
}

void TestDatabase::commitsAreDurable()
{
    QTemporaryDir dir;
    auto database = Database::open(optionsFor(dir, 1));
    QVERIFY(database);
    Connection& connection = **(*database)->connection();
    QCOMPARE(connection.number("PRAGMA synchronous").valueOr(-1), 2); // FULL
    auto mode = connection.prepare("PRAGMA journal_mode");
    QVERIFY(mode && mode->next().valueOr(false));
    QCOMPARE(mode->text(0), std::string("wal"));
}

QTEST_GUILESS_MAIN(TestDatabase)
#include "tst_database.moc"
