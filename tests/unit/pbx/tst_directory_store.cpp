// SPDX-License-Identifier: GPL-3.0-or-later
// Users in the database: what goes in comes back, names stay unique, secrets stay sealed and in their place.
#include "core/store/store_errors.h"
#include "tests/support/access.h"
#include "tests/unit/pbx/exchange_fixture.h"

#include <QElapsedTimer>
#include <QTest>

#include <atomic>
#include <future>
#include <thread>

using namespace sr;
using namespace sr::pbx;
using sr::test::ExchangeFixture;

namespace {

bool is(const Status& status, const std::error_code& code)
{
    return !status && status.error().code == code;
}

} // namespace

class TestDirectoryStore : public QObject {
    Q_OBJECT

private slots:
    /// Qt looks for its SQL driver on the main thread, as in the programs: with MinGW a short-lived thread
    /// that used its regular expressions can crash at its end.
    void initTestCase() { (void)ExchangeFixture().open(); }
    void aNewDatabaseIsEmptyAndPrivate();
    void usersComeBackAsTheyWere();
    void whatIsTakenIsRefused();
    void badUsersChangeNothing();
    void changesTouchOnlyWhatTheyName();
    void databasesOfOlderProgramsAreRead();
    void profiles();
    void numbersBelongToTheirNode();
    void telephonesChangeForwardsAndGroups();
    void codesForwardTelephonesToNumbers();
    void trunksKeepTheirPassword();
    void aNewNameNeedsThePassword();
    void removedUsersAreGone();
    void swappedAndAlteredSecretsAreRefused_data();
    void swappedAndAlteredSecretsAreRefused();
    void anotherMachinesKeyIsKnownAsSuch();
    void theRealmIsFixed();
    void passwordsAndHashesAreNotInTheFile();
    void twoStoresWriteAtOnce();
    void manyUsersAreReadQuickly();
};

void TestDirectoryStore::aNewDatabaseIsEmptyAndPrivate()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    QCOMPARE(store->realm(), std::string("switchroom"));
    QVERIFY(store->read().value()->objects().empty());
    QVERIFY(test::isPrivate(fixture.file()));
    QVERIFY(store->add(fixture.user(*store, "anna")));
    const auto entries = listDir(fixture.config()).value();
    for (const DirEntry& entry : entries)
        QVERIFY2(test::isPrivate(fixture.config() / entry.name), entry.name.c_str());
}

void TestDirectoryStore::usersComeBackAsTheyWere()
{
    const ExchangeFixture fixture;
    {
        const auto store = fixture.open();
        QVERIFY(store->add(fixture.user(*store, "otto", "*7#", {"support", "sales", "support"})));
        User zoe = fixture.user(*store, "Zoë-東京");
        zoe.longName = "Zoë Groß";
        QVERIFY(store->add(zoe));
        QVERIFY(store->add(fixture.user(*store, "anna", "12", {"sales"})));
    }
    const auto store = fixture.open();
    const auto directory = store->read().value();
    QCOMPARE(directory->objects().size(), std::size_t{3});
    QCOMPARE(directory->objects()[1].name, std::string("anna")); // Z before a before o
    const User* otto = directory->byNumber("*7#");
    QVERIFY(otto != nullptr);
    QCOMPARE(otto->longName, std::string("otto"));
    QCOMPARE(otto->groups, (std::vector<Membership>{"sales", "support"}));
    const User* zoe = directory->byName("Zoë-東京");
    QVERIFY(zoe != nullptr);
    QCOMPARE(zoe->longName, std::string("Zoë Groß"));
    QVERIFY(zoe->number.empty() && zoe->groups.empty());
    QVERIFY(zoe->secret == sip::digestSecret("Zoë-東京", "switchroom", "secret of Zoë-東京"));
    QVERIFY(directory->refused().empty());
}

void TestDirectoryStore::whatIsTakenIsRefused()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    QVERIFY(store->add(fixture.user(*store, "anna", "12")));
    QVERIFY(store->add(fixture.user(*store, "nobody"))); // two without a number are fine
    QVERIFY(store->add(fixture.user(*store, "noone")));
    const auto adding = [&](const std::string& name, const std::string& number, const std::string& longName) {
        User user = fixture.user(*store, name, number);
        user.longName = longName;
        return store->add(user);
    };
    QVERIFY(is(adding("anna", "13", "x"), PbxErrc::NameTaken));
    QVERIFY(is(adding("otto", "12", "x"), PbxErrc::NumberTaken));
    QVERIFY(is(adding("otto", "13", "anna"), PbxErrc::LongNameTaken));
    QVERIFY(is(store->modify("noone", {.number = "12"}), PbxErrc::NumberTaken));
    QVERIFY(is(store->modify("noone", {.longName = "anna"}), PbxErrc::LongNameTaken));
    QVERIFY(is(store->modify("noone", {.name = "anna", .password = "x"}), PbxErrc::NameTaken));
    QVERIFY(store->modify("anna", {.name = "anna", .number = "12", .longName = "anna"})); // its own are free
    QCOMPARE(store->read().value()->objects().size(), std::size_t{3});
}

void TestDirectoryStore::badUsersChangeNothing()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    QVERIFY(is(store->add(fixture.user(*store, "an na")), PbxErrc::BadName));
    QVERIFY(is(store->add(fixture.user(*store, "anna", "+1")), PbxErrc::BadNumber));
    QVERIFY(is(store->add(fixture.user(*store, "anna", "1", {""})), PbxErrc::BadGroup));
    QVERIFY(is(store->add({"anna", "1", {}, {}, store->secretFor("anna", "")}), PbxErrc::NoPassword));
    QVERIFY(is(store->add({"anna", "1", {}, {}, {"12", "34"}}), PbxErrc::NoPassword));
    QVERIFY(store->read().value()->objects().empty());
    QVERIFY(is(store->modify("anna", {.number = "1"}), PbxErrc::NotFound));
    QVERIFY(is(store->remove("anna"), PbxErrc::NotFound));
    QVERIFY(store->add(fixture.user(*store, "anna")));
    QVERIFY(is(store->modify("anna", {.longName = "\n"}), PbxErrc::BadLongName));
    QVERIFY(is(store->modify("anna", {.password = ""}), PbxErrc::NoPassword));
    QVERIFY(*store->read().value()->byName("anna") ==
            (User{"anna", "", "anna", {}, fixture.user(*store, "anna").secret}));
}

void TestDirectoryStore::changesTouchOnlyWhatTheyName()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    const User before = fixture.user(*store, "anna", "12", {"sales"});
    QVERIFY(store->add(before));
    const auto now = [&] { return *store->read().value()->byName("anna"); };
    QVERIFY(store->modify("anna", {.number = ""}));
    QVERIFY(now().number.empty() && now().secret == before.secret && now().groups == before.groups);
    QVERIFY(store->modify("anna", {.longName = "Anna Groß"}));
    QCOMPARE(now().longName, std::string("Anna Groß"));
    QVERIFY(store->modify("anna", {.longName = ""})); // back to the name
    QCOMPARE(now().longName, std::string("anna"));
    QVERIFY(store->modify("anna", {.groups = std::vector<Membership>{"b", "a"}}));
    QCOMPARE(now().groups, (std::vector<Membership>{"a", "b"}));
    QVERIFY(store->modify("anna", {.groups = std::vector<Membership>{}}));
    QVERIFY(now().groups.empty() && now().secret == before.secret);
    QVERIFY(store->modify("anna", {.password = "other"}));
    QVERIFY(now().secret == sip::digestSecret("anna", "switchroom", "other"));
}

void TestDirectoryStore::databasesOfOlderProgramsAreRead()
{
    const ExchangeFixture fixture;
    {
        const auto store = fixture.open();
        QVERIFY(store->add(fixture.user(*store, "anna", "12", {"sales"})));
        QVERIFY(store->modify("anna", {.record = RecordMode::Off, .forwardBusy = "1"}));
        QCOMPARE(store->read().value()->byName("anna")->record, RecordMode::Off);
    }
    for (const char* back :
         {"DROP TABLE contacts", "DROP TABLE profiles", "DROP TABLE callers", "DROP TABLE diversions",
          "DROP TABLE devices", "DROP TABLE settings", "DROP INDEX objects_by_number",
          "ALTER TABLE objects DROP COLUMN node",
          "CREATE UNIQUE INDEX objects_by_number ON objects(number) WHERE number<>''",
          "ALTER TABLE members DROP COLUMN active", "ALTER TABLE members DROP COLUMN dynamic",
          "ALTER TABLE members DROP COLUMN joined",
          "ALTER TABLE objects ADD COLUMN cfu TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE objects ADD COLUMN cfb TEXT NOT NULL DEFAULT '22'",
          "ALTER TABLE objects ADD COLUMN cfnr TEXT NOT NULL DEFAULT '-'", "PRAGMA user_version=2"})
        QVERIFY2(fixture.tamper(back), back);
    const auto anna = [&] { return *fixture.open()->read().value()->byName("anna"); };
    QVERIFY(plainForwards(anna()) == (Forwards{"", "22", "-"}));
    QCOMPARE(anna().groups, (std::vector<Membership>{"sales"}));
    QCOMPARE(anna().record, RecordMode::Off);
}

/// Contact lists (reference, profiles).
void TestDirectoryStore::profiles()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    using External = ProfileContact::External;
    const std::vector<Profile> lists{{"Sales",
                                      {{"otto", "", ""},
                                       {"", "0471", "Plumber", External::Telephone, true, false},
                                       {"eva@example.org", "", "Eva", External::Sip, true, true}}},
                                     {"Empty"}};
    Object anna = fixture.user(*store, "anna", "12");
    anna.profiles = lists;
    QVERIFY(store->add(anna));
    QVERIFY(store->add(fixture.user(*store, "bert", "13")));
    const auto now = [&] { return store->read().value()->byName("anna")->profiles; };
    QCOMPARE(now(), lists);
    QVERIFY(store->modify("bert", {.profiles = lists}));
    QVERIFY(store->modify("anna", {.number = "14"})); // they stay
    QCOMPARE(now(), lists);
    QVERIFY(store->modify("anna", {.profiles = std::vector<Profile>{lists[1]}}));
    QCOMPARE(now(), (std::vector<Profile>{lists[1]}));
    QCOMPARE(store->read().value()->byName("bert")->profiles, lists);
    for (const Profile& wrong : std::initializer_list<Profile>{{""},
                                                               {"a", {{}}},
                                                               {"a", {{"otto", "", "", External::Telephone}}},
                                                               {"a", {{"", "1", "", External::Sip}}},
                                                               {"a", {{"otto", "", "", External::No, true}}},
                                                               {"a", {{"otto", "", "\n"}}}})
        QVERIFY(is(store->modify("anna", {.profiles = std::vector{wrong}}), PbxErrc::BadProfile));
    QVERIFY(is(store->modify("anna", {.profiles = std::vector<Profile>{{"a"}, {"a"}}}), PbxErrc::BadProfile));
    Object line;
    line.name = "line";
    line.kind = Kind::Gateway;
    line.profiles = lists;
    QVERIFY(is(store->add(line), PbxErrc::BadProfile));
}

void TestDirectoryStore::numbersBelongToTheirNode()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    Object branch;
    branch.name = "branch";
    branch.number = "7";
    branch.kind = Kind::Node;
    QVERIFY(store->add(branch));
    QVERIFY(store->add(fixture.user(*store, "anna", "12")));
    Object eva = fixture.user(*store, "eva", "12");
    QVERIFY(is(store->add(eva), PbxErrc::NumberTaken));
    eva.node = "elsewhere";
    QVERIFY(is(store->add(eva), PbxErrc::BadNode));
    eva.node = "anna"; // no node
    QVERIFY(is(store->add(eva), PbxErrc::BadNode));
    eva.node = "branch";
    QVERIFY(store->add(eva));
    QVERIFY(is(store->remove("branch"), PbxErrc::BadNode));
    QVERIFY(is(store->modify("branch", {.node = "branch"}), PbxErrc::BadNode));
    QVERIFY(store->modify("branch", {.name = "berlin"})); // who has no password needs none
    const auto directory = store->read().value();
    QCOMPARE(directory->byName("eva")->node, std::string("berlin"));
    QCOMPARE(directory->reach({}, "712").object, directory->byName("eva"));
    QVERIFY(is(store->modify("eva", {.node = ""}), PbxErrc::NumberTaken));
    QVERIFY(store->remove("eva") && store->remove("berlin"));
}

void TestDirectoryStore::telephonesChangeForwardsAndGroups()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    Object anna = fixture.user(*store, "anna", "12", {"sales", "night"});
    anna.groups[1].dynamic = Membership::Dynamic::Out;
    anna.groups[1].joined = false;
    anna.diversions = {
        {.to = "9", .filter = Diversion::Filter::Only, .callers = {{.external = true}, {.forwarded = true}}}};
    QVERIFY(store->add(anna));
    const auto now = [&] { return *store->read().value()->byName("anna"); };
    QVERIFY(store->setForward("anna", Diversion::Type::Always, "22"));
    QVERIFY(now().diversions.size() == 2 && plainForwards(now()).always == "22");
    QVERIFY(store->setForward("anna", Diversion::Type::Always, ""));
    QCOMPARE(now().diversions, anna.diversions); // the one with a filter stays
    QVERIFY(is(store->setForward("anna", Diversion::Type::Busy, "a b"), PbxErrc::BadDiversion));
    QVERIFY(store->read().value()->membersOf("night").empty());
    QVERIFY(store->setJoined("anna", "night", true));
    QCOMPARE(store->read().value()->membersOf("night").size(), std::size_t{1});
    QVERIFY(is(store->setJoined("anna", "sales", false), PbxErrc::BadGroup));
    QVERIFY(is(store->setJoined("anna", "other", false), PbxErrc::BadGroup));
    QVERIFY(is(store->setJoined("otto", "sales", false), PbxErrc::NotFound));
}

void TestDirectoryStore::codesForwardTelephonesToNumbers()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    Object boss = fixture.user(*store, "boss", "1");
    boss.kind = Kind::Executive;
    Object line = fixture.user(*store, "line", "0");
    line.kind = Kind::Gateway;
    Object desk{"desk", "2", "desk", {}, {}};
    desk.kind = Kind::WaitingQueue;
    for (const Object& one : {boss, line, desk})
        QVERIFY(store->add(one));
    QVERIFY(store->setForward("boss", Diversion::Type::Always, "22"));
    for (const char* name : {"line", "desk"})
        QVERIFY(is(store->setForward(name, Diversion::Type::Always, "22"), PbxErrc::BadDiversion));
    for (const char* code : {"*21*0900#", "*31#", "*16*7#"})
        QVERIFY(is(store->setForward("boss", Diversion::Type::Busy, code), PbxErrc::BadDiversion));
    QVERIFY(is(store->setForward("otto", Diversion::Type::Always, "22"), PbxErrc::NotFound));
    for (const char* name : {"line", "desk"})
        QVERIFY(store->read().value()->byName(name)->diversions.empty());
    QVERIFY(plainForwards(*store->read().value()->byName("boss")) == Forwards({"22", "", ""}));
}

void TestDirectoryStore::trunksKeepTheirPassword()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    Object line;
    line.name = "line";
    line.kind = Kind::Trunk;
    line.login = "s3cret";
    line.settings = {{"registrar", "sip.example"}, {"account", "4711"}};
    QVERIFY(store->add(line));
    const auto now = [&] { return *store->read().value()->byName("line"); };
    QVERIFY(now().login == "s3cret" && now().secret.empty() && now().settings == line.settings);
    QVERIFY(store->modify("line", {.settings = {{"account", ""}, {"domain", "d"}}, .password = "other"}));
    QVERIFY(now().login == "other" && now().settings.size() == 2 && now().settings.at("domain") == "d");
    QVERIFY(is(store->modify("line", {.settings = {{"hat", "1"}}}), PbxErrc::BadSetting));
    QFile file(QString::fromStdString(utf8Of(fixture.file())));
    QVERIFY(file.open(QIODevice::ReadOnly) && !file.readAll().contains("s3cret"));
}

void TestDirectoryStore::aNewNameNeedsThePassword()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    QVERIFY(store->add(fixture.user(*store, "anna", "12")));
    QVERIFY(is(store->modify("anna", {.name = "maria"}), PbxErrc::PasswordNeeded));
    QVERIFY(store->modify("anna", {.name = "maria", .password = "x"}));
    const auto directory = store->read().value();
    QCOMPARE(directory->byName("anna"), nullptr);
    const User* maria = directory->byNumber("12");
    QVERIFY(maria != nullptr && directory->refused().empty());
    QCOMPARE(maria->longName, std::string("maria")); // it was the name, so it follows
    QVERIFY(maria->secret == sip::digestSecret("maria", "switchroom", "x"));
}

void TestDirectoryStore::removedUsersAreGone()
{
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    QVERIFY(store->add(fixture.user(*store, "anna", "12", {"sales"})));
    QVERIFY(store->remove("anna"));
    QVERIFY(store->read().value()->objects().empty());
    QVERIFY(store->add(fixture.user(*store, "anna", "12"))); // everything is free again
    QVERIFY(store->read().value()->byName("anna")->groups.empty());
}

void TestDirectoryStore::swappedAndAlteredSecretsAreRefused_data()
{
    QTest::addColumn<QString>("sql");
    QTest::newRow("the secret of another user")
        << QStringLiteral("UPDATE credentials SET sealed=(SELECT sealed FROM credentials WHERE object=1)"
                          " WHERE object=2");
    QTest::newRow("the seal of the realm")
        << QStringLiteral("UPDATE credentials SET sealed=(SELECT sealedRealm FROM exchange) WHERE object=2");
    QTest::newRow("another name over the secret")
        << QStringLiteral("UPDATE objects SET name='eve' WHERE id=2");
    QTest::newRow("octets of no meaning")
        << QStringLiteral("UPDATE credentials SET sealed=randomblob(77) WHERE object=2");
    QTest::newRow("nothing") << QStringLiteral("UPDATE credentials SET sealed=x'' WHERE object=2");
    QTest::newRow("no row") << QStringLiteral("DELETE FROM credentials WHERE object=2");
}

void TestDirectoryStore::swappedAndAlteredSecretsAreRefused()
{
    QFETCH(QString, sql);
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    QVERIFY(store->add(fixture.user(*store, "anna", "12", {"sales"})));
    QVERIFY(store->add(fixture.user(*store, "otto", "13", {"sales", "support"})));
    QVERIFY(store->add(fixture.user(*store, "zoe", "14", {"support"})));
    QVERIFY(fixture.tamper(sql.toStdString()));
    const auto directory = store->read().value();
    QCOMPARE(directory->refused().size(), std::size_t{1});
    QCOMPARE(directory->byNumber("13"), nullptr);
    QCOMPARE(directory->objects().size(), std::size_t{2}); // the others telephone on
    QCOMPARE(directory->byNumber("14")->groups, (std::vector<Membership>{"support"}));
    QVERIFY(store->modify(directory->refused().front(), {.password = "new"})); // the way back
    QVERIFY(store->read().value()->byNumber("13") != nullptr);
}

void TestDirectoryStore::anotherMachinesKeyIsKnownAsSuch()
{
    const ExchangeFixture fixture;
    QVERIFY(fixture.open());
    crypto::MachineSecrets other;
    other.settingsKey = crypto::Secret::random().value();
    const auto opened = DirectoryStore::open(fixture.config(), other);
    QVERIFY(!opened && opened.error().code == PbxErrc::OtherMachine);
    QVERIFY(opened.error().text().find("exchange.sqlite") != std::string::npos);
}

void TestDirectoryStore::theRealmIsFixed()
{
    const ExchangeFixture fixture;
    QVERIFY(fixture.open());
    QVERIFY(fixture.tamper("UPDATE exchange SET realm='elsewhere'"));
    QVERIFY(!DirectoryStore::open(fixture.config(), fixture.secrets));
}

void TestDirectoryStore::passwordsAndHashesAreNotInTheFile()
{
    const ExchangeFixture fixture;
    {
        const auto store = fixture.open();
        QVERIFY(store->add(fixture.user(*store, "anna", "12")));
        QVERIFY(store->modify("anna", {.password = "Kuckucksuhr"}));
    }
    const auto entries = listDir(fixture.config()).value();
    for (const std::string password : {"secret of anna", "Kuckucksuhr"}) {
        const auto secret = sip::digestSecret("anna", "switchroom", password);
        for (const DirEntry& entry : entries) {
            const auto bytes = readFile(fixture.config() / entry.name, 1 << 24).value();
            for (const std::string& hidden :
                 {password, secret.md5, secret.sha256, std::string(textOf(*fromHex(secret.md5))),
                  std::string(textOf(*fromHex(secret.sha256)))})
                QVERIFY2(textOf(bytes).find(hidden) == std::string_view::npos, entry.name.c_str());
        }
    }
}

void TestDirectoryStore::twoStoresWriteAtOnce()
{
    constexpr int kEach = 40;
    const ExchangeFixture fixture;
    std::atomic<int> added = 0;
    std::atomic<int> taken = 0;
    std::promise<void> start; // std::latch may sleep for ever with MinGW's library
    const std::shared_future<void> started = start.get_future().share();
    const auto work = [&](const std::string& prefix) {
        started.wait(); // so that both also make the file
        const auto store = fixture.open();
        for (int i = 0; i < kEach; ++i) {
            const std::string number = std::to_string(i); // both want the same numbers
            const Status done = store->add(fixture.user(*store, prefix + number, number, {"all"}));
            added += done ? 1 : 0;
            taken += is(done, PbxErrc::NumberTaken) ? 1 : 0;
        }
    };
    std::thread one(work, "a");
    std::thread two(work, "b");
    start.set_value();
    one.join();
    two.join();
    QCOMPARE(added.load(), kEach);
    QCOMPARE(taken.load(), kEach);
    const auto directory = fixture.open()->read().value();
    QCOMPARE(directory->objects().size(), std::size_t{kEach});
    QVERIFY(directory->refused().empty());
}

void TestDirectoryStore::manyUsersAreReadQuickly()
{
    const int count =
        qEnvironmentVariableIntValue("SR_USERS") > 0 ? qEnvironmentVariableIntValue("SR_USERS") : 200;
    const ExchangeFixture fixture;
    const auto store = fixture.open();
    for (int i = 0; i < count; ++i) {
        const std::string number = std::to_string(100'000 + i);
        QVERIFY(
            store->add(fixture.user(*store, "user" + number, number, {"group " + std::to_string(i % 50)})));
    }
    QElapsedTimer timer;
    timer.start();
    const auto directory = store->read();
    QVERIFY(directory);
    qInfo("%d users read in %lld ms", count, static_cast<long long>(timer.elapsed()));
    QCOMPARE((*directory)->objects().size(), static_cast<std::size_t>(count));
    QVERIFY(timer.elapsed() < 1000 + count / 50); // far above what was measured: a busy machine
}

QTEST_GUILESS_MAIN(TestDirectoryStore)
#include "tst_directory_store.moc"
