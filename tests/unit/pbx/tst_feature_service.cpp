// SPDX-License-Identifier: GPL-3.0-or-later
// Codes that telephones dial: what they change in the database, and what the caller hears of it.
#include "core/base/endpoint.h" // before what moc cannot read first
#include "tests/unit/pbx/service_scene.h"

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

/// A service whose orders the test carries out when it likes.
struct FeatureScene : LocalScene {
    FeatureScene()
    {
        make();
        auto opened = fixture.open();
        for (const auto& [name, number] : {std::pair("anna", "100"), {"carl", "102"}}) {
            User user = ExchangeFixture::user(*opened, name, number);
            if (user.name == "anna")
                user.groups = {dynamic("Desk"), dynamic("Help"), "House"};
            if (!opened->add(user))
                qFatal("%s", name);
        }
        Object night{"night", "*1", "Night", {}, {}};
        night.kind = Kind::Boolean;
        if (!opened->add(night))
            qFatal("night");
        store = std::move(opened);
    }
    void make()
    {
        features.emplace([this](DirectoryWriter::Change change, DirectoryWriter::Done done) {
            orders.emplace_back(std::move(change), std::move(done));
        });
        dialer.serve("feature", *features);
    }
    static Membership dynamic(const char* group)
    {
        Membership one(group);
        one.dynamic = Membership::Dynamic::Out;
        one.joined = false;
        return one;
    }
    /// anna's phone calls that service.
    void order(const std::string& uri)
    {
        registrar.forget("service"); // of the order before
        service(uri);
        dial("200");
    }
    void code(const std::string& digits) { order(serviceOf(*featureCodeOf(digits), digits, "anna")); }
    Status carryOut()
    {
        const auto [change, done] = std::move(orders.at(0));
        orders.clear();
        Status how = change(*store);
        done(how);
        run();
        return how;
    }
    /// Until the service hangs up: how often the tone sounds.
    int tones()
    {
        annaHeard.clear();
        if (!until([&] { return anna.over; }))
            return -1;
        int count = 0;
        bool sounds = false;
        for (const std::byte octet : annaHeard) {
            const bool loud = octet != std::byte{0xd5} && octet != std::byte{0x55}; // silence of A-law
            silent = loud ? 0 : silent + 1;
            if (loud && !sounds)
                ++count;
            sounds = loud || (sounds && silent < 400);
        }
        return count;
    }
    Object read(const std::string& name) const { return *store->read().value()->byName(name); }

    ExchangeFixture fixture;
    std::unique_ptr<DirectoryStore> store;
    std::vector<std::pair<DirectoryWriter::Change, DirectoryWriter::Done>> orders;
    std::optional<FeatureService> features;
    int silent = 0;
};

} // namespace

class TestFeatureService : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { (void)ExchangeFixture().open(); } // as in tst_directory_store
    void changesForwards_data();
    void changesForwards();
    void joinsAndLeavesAllGroups();
    void whatCannotBeDoneSoundsSo_data();
    void whatCannotBeDoneSoundsSo();
    void switchesBooleans_data();
    void switchesBooleans();
    void isRefused_data();
    void isRefused();
    void whoDoesNotWaitIsServedAllTheSame();
    void twoAtOnce();
    void theWordComesTooLate();
    void waitsSilentlyInACodecWithoutTones();
};

void TestFeatureService::changesForwards_data()
{
    QTest::addColumn<QString>("digits");
    QTest::addColumn<QString>("always");
    QTest::addColumn<QString>("busy");
    QTest::addColumn<QString>("noAnswer");
    QTest::newRow("all calls") << "*21*102#"
                               << "102"
                               << "12"
                               << "13";
    QTest::newRow("while busy") << "*67*102#"
                                << "11"
                                << "102"
                                << "13";
    QTest::newRow("not answered") << "*61*102#"
                                  << "11"
                                  << "12"
                                  << "102";
    QTest::newRow("to nobody yet") << "*21*9#"
                                   << "9"
                                   << "12"
                                   << "13";
    QTest::newRow("no longer") << "#21#"
                               << ""
                               << "12"
                               << "13";
    QTest::newRow("no longer while busy") << "#67#"
                                          << "11"
                                          << ""
                                          << "13";
    QTest::newRow("no longer unanswered") << "#61#"
                                          << "11"
                                          << "12"
                                          << "";
}

void TestFeatureService::changesForwards()
{
    QFETCH(QString, digits);
    FeatureScene s;
    using Type = Diversion::Type;
    for (const auto& [type, to] : {std::pair(Type::Always, "11"), {Type::Busy, "12"}, {Type::NoAnswer, "13"}})
        QVERIFY(s.store->setForward("anna", type, to));
    s.code(digits.toStdString());
    QCOMPARE(s.annaLog(), QStringLiteral("200"));
    QCOMPARE(s.orders.size(), std::size_t{1});
    QVERIFY(s.carryOut());
    const Forwards now = plainForwards(s.read("anna"));
    QTEST(QString::fromStdString(now.always), "always");
    QTEST(QString::fromStdString(now.busy), "busy");
    QTEST(QString::fromStdString(now.noAnswer), "noAnswer");
    QVERIFY(plainForwards(s.read("carl")) == Forwards());
    QCOMPARE(s.tones(), 1);
    QCOMPARE(s.dialer.calls(), std::size_t{0});
    QCOMPARE(s.server.openPorts(), std::size_t{0});
}

void TestFeatureService::joinsAndLeavesAllGroups()
{
    FeatureScene s;
    const auto joined = [&] {
        QString all;
        for (const Membership& one : s.read("anna").groups)
            all += QString::fromStdString(one.group) + (one.joined ? u'+' : u'-');
        return all;
    };
    QCOMPARE(joined(), QStringLiteral("Desk-Help-House+"));
    s.code("*31#");
    QVERIFY(s.carryOut());
    QCOMPARE(joined(), QStringLiteral("Desk+Help+House+"));
    QCOMPARE(s.tones(), 1);
    s.anna = {};
    s.code("#31#");
    QVERIFY(s.carryOut());
    QCOMPARE(joined(), QStringLiteral("Desk-Help-House+"));
    QCOMPARE(s.tones(), 1);
}

void TestFeatureService::whatCannotBeDoneSoundsSo_data()
{
    QTest::addColumn<QString>("uri");
    QTest::newRow("no group to join") << "service:feature?by=carl&code=%2a31%23";
    QTest::newRow("the user is gone") << "service:feature?by=otto&code=%2a21%2a1%23";
    QTest::newRow("a code to forward to") << "service:feature?by=anna&code=%2a61%2a%2a21%2a9%23%23";
    QTest::newRow("nobody with a telephone") << "service:feature?by=night&code=%2a21%2a9%23";
    QTest::newRow("no such boolean") << "service:feature?boolean=day&state=on";
    QTest::newRow("no boolean") << "service:feature?boolean=carl&state=on";
    QTest::newRow("no state") << "service:feature?boolean=night&state=x";
}

void TestFeatureService::whatCannotBeDoneSoundsSo()
{
    QFETCH(QString, uri);
    FeatureScene s;
    const auto before = s.store->read().value()->objects();
    s.order(uri.toStdString());
    QCOMPARE(s.annaLog(), QStringLiteral("200"));
    QVERIFY(!s.carryOut());
    QVERIFY(s.store->read().value()->objects() == before);
    QCOMPARE(s.tones(), 4);
    QCOMPARE(s.server.openPorts(), std::size_t{0});
}

void TestFeatureService::switchesBooleans_data()
{
    QTest::addColumn<QString>("digits");
    QTest::addColumn<QString>("state"); // empty: nothing answers
    QTest::newRow("on") << "1"
                        << "on";
    QTest::newRow("off") << "0"
                         << "off";
    QTest::newRow("by its times") << "2"
                                  << "auto";
    QTest::newRow("nothing") << ""
                             << "";
    QTest::newRow("another digit") << "7"
                                   << "";
    QTest::newRow("too many digits") << "11"
                                     << "";
}

void TestFeatureService::switchesBooleans()
{
    QFETCH(QString, digits);
    QFETCH(QString, state);
    FeatureScene s;
    const std::string uri = serviceOf(s.read("night"), digits.toStdString(), "anna");
    QCOMPARE(uri.empty(), state.isEmpty());
    if (uri.empty())
        return;
    s.order(uri);
    QVERIFY(s.carryOut());
    QCOMPARE(QString::fromStdString(s.read("night").settings.at("state")), state);
    QCOMPARE(s.tones(), 1);
}

void TestFeatureService::isRefused_data()
{
    QTest::addColumn<QString>("uri");
    QTest::newRow("nothing") << "service:feature";
    QTest::newRow("no code") << "service:feature?by=anna&code=21";
    QTest::newRow("not a change") << "service:feature?by=anna&code=%2a8%23";
}

void TestFeatureService::isRefused()
{
    QFETCH(QString, uri);
    FeatureScene s;
    s.order(uri.toStdString());
    s.run();
    QCOMPARE(s.annaLog(), QStringLiteral("404 over"));
    QVERIFY(s.orders.empty());
}

void TestFeatureService::whoDoesNotWaitIsServedAllTheSame()
{
    FeatureScene s;
    s.code("*21*102#");
    s.anna.events->onEnded(sip::Ending::Bye);
    s.run();
    QCOMPARE(s.dialer.calls(), std::size_t{0});
    QVERIFY(s.carryOut());
    QCOMPARE(plainForwards(s.read("anna")).always, std::string("102"));
    QCOMPARE(s.server.openPorts(), std::size_t{0});
}

void TestFeatureService::twoAtOnce()
{
    FeatureScene s;
    s.code("*21*102#");
    FakePhone first = std::move(s.anna);
    s.code("*67*103#");
    QCOMPARE(s.orders.size(), std::size_t{2});
    QCOMPARE(s.dialer.calls(), std::size_t{2});
    auto orders = std::move(s.orders);
    for (auto at = orders.rbegin(); at != orders.rend(); ++at) // whoever is done first
        at->second(at->first(*s.store));
    s.run();
    QVERIFY(s.until([&] { return s.dialer.calls() == 0; }));
    QCOMPARE(plainForwards(s.read("anna")).always, std::string("102"));
    QCOMPARE(plainForwards(s.read("anna")).busy, std::string("103"));
}

void TestFeatureService::theWordComesTooLate()
{
    FeatureScene s;
    s.code("*21*102#");
    const auto [change, done] = std::move(s.orders.at(0));
    s.control.reset();
    s.features.reset();
    done(change(*s.store));
    QCOMPARE(plainForwards(s.read("anna")).always, std::string("102"));
}

void TestFeatureService::waitsSilentlyInACodecWithoutTones()
{
    FeatureScene s;
    s.service(serviceOf(*featureCodeOf("#21#"), "#21#", "anna"));
    s.dial("200", "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                  "m=audio 4000 RTP/AVP 18\r\n");
    QCOMPARE(s.annaLog(), QStringLiteral("200"));
    QVERIFY(s.carryOut());
    QVERIFY(s.until([&] { return s.anna.over; })); // rather than to leave him waiting
    QCOMPARE(s.server.openPorts(), std::size_t{0});
}

QTEST_GUILESS_MAIN(TestFeatureService)
#include "tst_feature_service.moc"
