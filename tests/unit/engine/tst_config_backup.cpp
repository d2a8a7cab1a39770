// SPDX-License-Identifier: GPL-3.0-or-later
// A configuration saved and brought back: whole, or not at all.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/engine/backup_file.h"
#include "core/engine/config_backup.h"
#include "core/engine/engine.h"
#include "core/settings/settings.h"
#include "core/store/database.h"
#include "tests/support/fake_clock.h"

#include <QTemporaryDir>
#include <QTest>

using namespace sr;
using namespace sr::engine;

namespace {

constexpr std::string_view kWords = "correct horse";

std::string contentOf(const Path& path)
{
    const auto bytes = readFile(path, 1 << 20);
    return bytes ? std::string(textOf(*bytes)) : "unreadable: " + bytes.error().text();
}

void put(const Path& path, std::string_view text)
{
    if (!makeDirs(path.parent_path()) || !writeFileAtomic(path, bytesOf(text)))
        qFatal("cannot write");
}

store::DatabaseOptions databaseIn(const Path& dir)
{
    store::DatabaseOptions options;
    options.file = dir / "exchange.sqlite";
    options.applicationId = 0x54455354;
    options.migrations = {[](store::Connection& c) { return c.run("CREATE TABLE word(text TEXT)"); }};
    return options;
}

std::int64_t wordsIn(const Path& dir)
{
    const auto database = store::Database::open(databaseIn(dir));
    if (!database)
        return -1;
    const auto connection = (*database)->connection();
    return connection ? (*connection)->number("SELECT count(*) FROM word").valueOr(-1) : -1;
}

struct Place {
    QTemporaryDir temporary = {};
    test::FakeClock clock = test::FakeClock();
    Path root = pathOf(temporary.filePath(QStringLiteral("Büro")).toStdString());
    Path config = root / "config";
    Path other = root / "other";
    Path file = root / "saved.backup";
    Path certificate = root / "given.pem";
    std::unique_ptr<store::Database> database = {}; ///< open, as that of a service

    void fill()
    {
        put(certificate, "a certificate");
        const auto secrets = crypto::loadOrCreateSecrets(config, clock);
        auto settings = settings::Settings::open(config, *secrets);
        const bool set =
            (*settings)->set(settings::kExchangeName, QStringLiteral("Zürich")) &&
            (*settings)->set(settings::kSipTlsCertificate, QString::fromStdString(utf8Of(certificate))) &&
            (*settings)->save();
        put(config / "tls" / "agent.pem", "own certificate");
        put(config / "scripts" / "a" / "entry.xml", "<script/>");
        put(config / "empty", "");
        for (const char* dir : {"catalog", "cdr", "spool", "run", "log"})
            put(config / dir / "x", "left out");
        database = std::move(*store::Database::open(databaseIn(config)));
        const auto connection = database->connection();
        for (int i = 0; i < 100; ++i)
            if (!set || !(*connection)->run("INSERT INTO word VALUES('x')"))
                qFatal("cannot fill");
    }
    BackupReport save()
    {
        const auto report = backupConfig(config, file, kWords, clock);
        if (!report)
            qFatal("%s", report.error().text().c_str());
        return *report;
    }
    std::error_code restore(const Path& to, std::string_view words = kWords, bool replace = false)
    {
        const auto report = restoreConfig(file, to, words, replace, clock);
        if (report)
            last = *report;
        return report ? std::error_code() : report.error().code;
    }
    RestoreReport last = {};
};

} // namespace

class TestConfigBackup : public QObject {
    Q_OBJECT
private slots:
    void comesBackWhole();
    void emptyFolder();
    void usedFolder();
    void replaced();
    void runningService();
    void movedFiles();
    void missingFile();
    void passphrases();
    void everyOctetCounts();
    void cuts();
    void newer_data();
    void newer();
    void noConfiguration();
    void badNames();
    void aside();
};

void TestConfigBackup::comesBackWhole()
{
    Place p;
    p.fill();
    // A transaction is open, and no part of the copy.
    const auto connection = p.database->connection();
    auto open = store::Transaction::begin(**connection, store::Transaction::Mode::Write);
    QVERIFY(open && (*connection)->run("DELETE FROM word"));
    QCOMPARE(p.save().missing, std::vector<std::string>());
    QVERIFY(open->commit());
    QCOMPARE(p.restore(p.other), std::error_code());
    QCOMPARE(p.last.made, std::string("2026-11-21T00:00:00Z"));
    QVERIFY(p.last.former.empty() && p.last.moved.empty());
    QCOMPARE(wordsIn(p.other), 100);
    QCOMPARE(contentOf(p.other / "tls" / "agent.pem"), std::string("own certificate"));
    QCOMPARE(contentOf(p.other / "scripts" / "a" / "entry.xml"), std::string("<script/>"));
    QCOMPARE(contentOf(p.other / "empty"), std::string());
    for (const char* dir : {"catalog", "cdr", "spool", "run", "log"})
        QVERIFY2(!isFolder(p.other / dir), dir);
    const auto before = crypto::loadSecrets(p.config);
    const auto after = crypto::loadSecrets(p.other);
    QVERIFY(before && after);
    QCOMPARE(crypto::serializeSecrets(*after), crypto::serializeSecrets(*before));
    const auto settings = settings::Settings::open(p.other, *after);
    QVERIFY(settings);
    QCOMPARE((*settings)->get(settings::kExchangeName), QStringLiteral("Zürich"));
    QVERIFY(!fileExists(p.config / "exchange.sqlite.backup"));
    QVERIFY(!isFolder(p.root / "other.restoring"));
}

void TestConfigBackup::emptyFolder()
{
    Place p;
    p.fill();
    p.save();
    QVERIFY(makeDirs(p.other / "run"));
    put(p.other / kServiceLockName, "");
    put(p.other / ".restoring" / "half", "of a restore that was killed");
    QCOMPARE(p.restore(p.other), std::error_code());
    QCOMPARE(wordsIn(p.other), 100);
    QVERIFY(!isFolder(p.other / ".restoring"));
}

void TestConfigBackup::usedFolder()
{
    Place p;
    p.fill();
    p.save();
    put(p.other / "settings.xml", "mine");
    QCOMPARE(p.restore(p.other), make_error_code(BackupErrc::Used));
    QCOMPARE(contentOf(p.other / "settings.xml"), std::string("mine"));
    QCOMPARE(listDir(p.other)->size(), 1U);
}

void TestConfigBackup::replaced()
{
    Place p;
    p.fill();
    p.save();
    put(p.other / "settings.xml", "mine");
    QCOMPARE(p.restore(p.other, kWords, true), std::error_code());
    QCOMPARE(p.last.former, p.root / "other.before-20261121-000000");
    QCOMPARE(contentOf(p.last.former / "settings.xml"), std::string("mine"));
    QCOMPARE(wordsIn(p.other), 100);
    QCOMPARE(p.restore(p.other, kWords, true), std::error_code()); // in the same second
    QCOMPARE(p.last.former, p.root / "other.before-20261121-000000-2");
    // What cannot be read replaces nothing.
    QCOMPARE(p.restore(p.other, "wrong words", true), make_error_code(BackupErrc::WrongPassphrase));
    QCOMPARE(wordsIn(p.other), 100);
}

void TestConfigBackup::runningService()
{
    Place p;
    p.fill();
    const auto lock = File::open(p.config / kServiceLockName, OpenMode::ReadWrite);
    QVERIFY(lock && (*lock)->lock());
    p.save(); // while it runs
    QCOMPARE(p.restore(p.config, kWords, true), make_error_code(BackupErrc::Running));
    QCOMPARE(wordsIn(p.config), 100);
    const auto aside = putConfigAside(p.config, p.clock);
    QVERIFY(!aside);
    QCOMPARE(aside.error().code, make_error_code(BackupErrc::Running));
}

/// On the new machine the certificate is not where it was.
void TestConfigBackup::movedFiles()
{
    Place p;
    p.fill();
    p.save();
    put(p.certificate, "that of another");
    QCOMPARE(p.restore(p.other), std::error_code());
    QCOMPARE(p.last.moved, std::vector<std::string>{"sip.tlsCertificate"});
    const auto secrets = crypto::loadSecrets(p.other);
    const auto settings = settings::Settings::open(p.other, *secrets);
    const Path now = pathOf((*settings)->get(settings::kSipTlsCertificate).toStdString());
    QCOMPARE(now, p.other / "restored" / "sip.tlsCertificate.pem");
    QCOMPARE(contentOf(now), std::string("a certificate"));
    QCOMPARE(contentOf(p.certificate), std::string("that of another"));
}

void TestConfigBackup::missingFile()
{
    Place p;
    p.fill();
    QVERIFY(removeFile(p.certificate));
    QCOMPARE(p.save().missing, std::vector<std::string>{"sip.tlsCertificate"});
    QCOMPARE(p.restore(p.other), std::error_code());
}

void TestConfigBackup::passphrases()
{
    Place p;
    p.fill();
    const auto weak = backupConfig(p.config, p.file, "1234567", p.clock);
    QVERIFY(!weak);
    QCOMPARE(weak.error().code, make_error_code(BackupErrc::WeakPassphrase));
    QVERIFY(!fileExists(p.file));
    p.save();
    for (const std::string_view words : {"", "correct horsf", "Correct horse"})
        QCOMPARE(p.restore(p.other, words), make_error_code(BackupErrc::WrongPassphrase));
    QVERIFY(!isFolder(p.other));
}

void TestConfigBackup::everyOctetCounts()
{
    Place p;
    p.fill();
    p.save();
    const std::string whole = contentOf(p.file);
    for (std::size_t at = 0; at < whole.size(); at += 1 + whole.size() / 23) {
        std::string changed = whole;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        put(p.file, changed);
        QVERIFY2(p.restore(p.other), std::to_string(at).c_str());
        QVERIFY(!isFolder(p.other));
    }
}

void TestConfigBackup::cuts()
{
    Place p;
    p.fill();
    p.save();
    const std::string whole = contentOf(p.file);
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{20}, std::size_t{60}, whole.size() / 2, whole.size() - 1}) {
        put(p.file, whole.substr(0, length));
        QVERIFY2(p.restore(p.other), std::to_string(length).c_str());
        QVERIFY(!isFolder(p.other));
    }
}

void TestConfigBackup::newer_data()
{
    QTest::addColumn<bool>("seal");
    QTest::newRow("another seal") << true;
    QTest::newRow("other entries") << false;
}

void TestConfigBackup::newer()
{
    QFETCH(bool, seal);
    Place p;
    if (seal) {
        p.fill();
        p.save();
        std::string whole = contentOf(p.file);
        whole[6] = '2';
        put(p.file, whole);
    } else {
        MemorySink sink;
        const auto writer = BackupWriter::create(sink, kWords);
        QVERIFY((*writer)->add("manifest", bytesOf("<backup version=\"2\" program=\"9.0\"/>")));
        QVERIFY((*writer)->finish());
        QVERIFY(makeDirs(p.root) && writeFileAtomic(p.file, sink.bytes()));
    }
    QCOMPARE(p.restore(p.other), make_error_code(BackupErrc::NewerVersion));
    QVERIFY(!isFolder(p.other));
}

void TestConfigBackup::noConfiguration()
{
    Place p;
    QVERIFY(makeDirs(p.root));
    const auto nothing = backupConfig(p.config, p.file, kWords, p.clock);
    QVERIFY(!nothing);
    QCOMPARE(nothing.error().code, make_error_code(BaseErrc::NotFound));
    QVERIFY(!isFolder(p.config));
    put(p.file, "a text of more than forty octets that is no backup at all");
    QCOMPARE(p.restore(p.other), make_error_code(BackupErrc::NoBackup));
}

void TestConfigBackup::badNames()
{
    MemorySink sink;
    const auto writer = BackupWriter::create(sink, kWords);
    QVERIFY(writer);
    for (const std::string_view name :
         {"", "/etc/passwd", "../x", "a/../b", "a//b", "a/", ".", "C:x", "a\\..\\b"})
        QVERIFY2(!(*writer)->add(name, bytesOf("x")), std::string(name).c_str());
    QVERIFY((*writer)->add("a/..b/c", bytesOf("x")));
}

void TestConfigBackup::aside()
{
    Place p;
    QVERIFY(isUnused(p.config));
    p.fill();
    p.database.reset();
    QVERIFY(!isUnused(p.config));
    const auto former = putConfigAside(p.config, p.clock);
    QVERIFY(former);
    QVERIFY(isUnused(p.config));
    QCOMPARE(wordsIn(*former), 100);
}

QTEST_GUILESS_MAIN(TestConfigBackup)
#include "tst_config_backup.moc"
