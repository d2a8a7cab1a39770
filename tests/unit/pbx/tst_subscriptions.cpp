// SPDX-License-Identifier: GPL-3.0-or-later
// Who may watch whom, and when watchers are told what.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/subscriptions.h"
#include "tests/support/fake_clock.h"
#include "tests/unit/pbx/fake_watchers.h"

#include <QTest>

#include <deque>
#include <set>

using namespace sr;
using namespace sr::pbx;
using sr::test::FakeWatcher;

namespace {

std::shared_ptr<const Directory> directoryOf(std::vector<User> users)
{
    return std::make_shared<Directory>("realm", std::move(users));
}

User user(const char* name, const char* number, std::vector<Membership> groups)
{
    return {name, number, name, std::move(groups), {}};
}

std::vector<User> people()
{
    return {user("anna", "100", {"sales"}), user("eve", "102", {"stores"}),
            user("otto", "101", {"board", "sales"})};
}

CallState callOf(const char* name, CallStage stage, std::uint64_t call = 1)
{
    CallState state;
    state.user = name;
    state.call = call;
    state.stage = stage;
    state.remoteNumber = "102";
    return state;
}

} // namespace

class SubscriptionsTest : public QObject {
    Q_OBJECT

    test::FakeClock m_clock;
    std::shared_ptr<const Directory> m_directory;
    std::set<std::string> m_registered;
    std::deque<FakeWatcher> m_watchers;
    std::unique_ptr<Subscriptions> m_all;

    FakeWatcher& watch(const char* who, const char* whom, const char* event,
                       std::optional<std::uint32_t> expires = {}, std::vector<std::string> accept = {})
    {
        FakeWatcher& watcher = m_watchers.emplace_back();
        sip::SubscribeRequest request;
        request.target = whom;
        request.host = "pbx";
        request.event = event;
        request.expires = expires;
        request.accept = std::move(accept);
        m_all->onSubscribe(std::make_unique<test::FakeSubscription>(watcher), request,
                           *m_directory->byName(who));
        return watcher;
    }
    void use(std::vector<User> users)
    {
        m_directory = directoryOf(std::move(users));
        m_all->setDirectory(m_directory);
    }
    void start(SubscriptionLimits limits = {})
    {
        m_all = std::make_unique<Subscriptions>(
            [this](const std::string& name) { return m_registered.contains(name); }, m_clock, limits);
        use(people());
    }

private slots:
    void init()
    {
        m_all.reset();
        m_watchers.clear();
        m_registered = {"anna", "otto"};
        start();
    }

    void whoMayWatch_data()
    {
        QTest::addColumn<QByteArray>("who");
        QTest::addColumn<QByteArray>("whom");
        QTest::addColumn<QByteArray>("event");
        QTest::addColumn<QByteArray>("log");
        const QByteArray yes = "accept 3600, notify";
        QTest::newRow("a member of a common group")
            << QByteArray("otto") << QByteArray("100") << QByteArray("dialog") << yes;
        QTest::newRow("by name") << QByteArray("otto") << QByteArray("anna") << QByteArray("presence") << yes;
        QTest::newRow("oneself") << QByteArray("eve") << QByteArray("102") << QByteArray("dialog") << yes;
        QTest::newRow("no common group")
            << QByteArray("eve") << QByteArray("100") << QByteArray("dialog") << QByteArray("refuse 403");
        QTest::newRow("an own mailbox")
            << QByteArray("otto") << QByteArray("101") << QByteArray("message-summary") << yes;
        QTest::newRow("another one's mailbox") << QByteArray("otto") << QByteArray("100")
                                               << QByteArray("message-summary") << QByteArray("refuse 403");
        QTest::newRow("nobody") << QByteArray("otto") << QByteArray("999") << QByteArray("dialog")
                                << QByteArray("refuse 404");
        QTest::newRow("another package")
            << QByteArray("otto") << QByteArray("100") << QByteArray("reg") << QByteArray("refuse 489");
    }
    void whoMayWatch()
    {
        QFETCH(QByteArray, who);
        QFETCH(QByteArray, whom);
        QFETCH(QByteArray, event);
        QTEST(QByteArray::fromStdString(watch(who.data(), whom.data(), event.data()).log()), "log");
    }
    void negotiates()
    {
        QCOMPARE(watch("otto", "100", "dialog", 59).log(), std::string("refuse 423"));
        QCOMPARE(m_watchers.back().refusal.minExpires, std::optional(60U));
        QCOMPARE(watch("otto", "100", "dialog", 60).log(), std::string("accept 60, notify"));
        QCOMPARE(watch("otto", "100", "dialog", 99'999).log(), std::string("accept 3600, notify"));
        QCOMPARE(watch("otto", "100", "dialog", 0).log(), std::string("accept 0, notify"));
        QCOMPARE(watch("otto", "100", "dialog", 60, {"text/plain"}).log(), std::string("refuse 406"));
        QCOMPARE(watch("otto", "100", "dialog", 60, {"text/plain", kDialogInfoType}).log(),
                 std::string("accept 60, notify"));
        QCOMPARE(m_watchers.back().type, std::string(kDialogInfoType));
    }
    void aLampFollowsACall()
    {
        FakeWatcher& lamp = watch("otto", "100", "dialog");
        QVERIFY(lamp.knows("version=\"0\"") && !lamp.knows("<dialog "));
        QVERIFY(lamp.knows("entity=\"sip:100@pbx\""));
        lamp.answers();
        m_all->onCallState(callOf("anna", CallStage::Early));
        QVERIFY(lamp.knows("version=\"1\"") && lamp.knows("<state>early</state>"));
        lamp.answers();
        m_all->onCallState(callOf("anna", CallStage::Confirmed));
        QVERIFY(lamp.knows("<state>confirmed</state>"));
        lamp.answers();
        m_all->onCallState(callOf("anna", CallStage::Over));
        QVERIFY(!lamp.knows("<dialog "));
        QCOMPARE(lamp.bodies.size(), 4U);
    }
    void whatComesMeanwhileIsToldAtOnce()
    {
        FakeWatcher& lamp = watch("otto", "100", "dialog"); // its first NOTIFY is under way
        m_all->onCallState(callOf("anna", CallStage::Trying));
        m_all->onCallState(callOf("anna", CallStage::Early));
        m_all->onCallState(callOf("anna", CallStage::Confirmed));
        QCOMPARE(lamp.bodies.size(), 1U);
        lamp.answers();
        QCOMPARE(lamp.bodies.size(), 2U);
        QVERIFY(lamp.knows("confirmed") && lamp.knows("version=\"1\""));
        lamp.answers();
        QCOMPARE(lamp.bodies.size(), 2U);
    }
    void aWatcherIsNotFlooded()
    {
        FakeWatcher& lamp = watch("otto", "100", "dialog");
        lamp.answers();
        for (std::uint64_t call = 1; call <= 20; ++call) {
            m_all->onCallState(callOf("anna", CallStage::Early, call));
            if (lamp.bodies.size() < 5)
                lamp.answers();
        }
        lamp.answers();
        QCOMPARE(lamp.bodies.size(), 5U); // SubscriptionLimits::burst
        m_clock.advance(milliseconds(1000));
        m_all->onSecond();
        QCOMPARE(lamp.bodies.size(), 6U);
        QVERIFY(lamp.knows("id=\"20\""));
    }
    void presenceFollowsDeviceAndCall()
    {
        FakeWatcher& buddy = watch("otto", "102", "presence");
        QCOMPARE(buddy.log(), std::string("refuse 403"));
        FakeWatcher& anna = watch("otto", "100", "presence");
        QVERIFY(anna.knows("open"));
        anna.answers();
        m_all->onCallState(callOf("anna", CallStage::Early));
        QCOMPARE(anna.bodies.size(), 1U);
        m_all->onCallState(callOf("anna", CallStage::Confirmed));
        QVERIFY(anna.knows("on-the-phone"));
        anna.answers();
        m_all->onCallState(callOf("anna", CallStage::Over));
        QVERIFY(!anna.knows("on-the-phone"));
        anna.answers();
        m_registered.erase("anna");
        m_all->onRegistration("anna");
        QVERIFY(anna.knows("closed"));
        anna.answers();
        m_registered.insert("anna"); // as if nobody had told
        m_clock.advance(seconds(5));
        m_all->onSecond();
        QVERIFY(anna.knows("open"));
    }
    void presenceIsSetAndPublished()
    {
        FakeWatcher& buddy = watch("otto", "100", "presence");
        buddy.answers();
        m_all->setPresence("anna", {true, Activity::Holiday, "until Monday"});
        QVERIFY(buddy.knows("holiday") && buddy.knows("until Monday"));
        buddy.answers();
        sip::PublishRequest request;
        request.target = "anna";
        request.event = "presence";
        request.contentType = kPidfType;
        request.body = writePidf("sip:anna@pbx", {true, Activity::Travel, ""});
        request.expires = 60;
        QCOMPARE(m_all->onPublish(request, *m_directory->byName("otto")).status, 403);
        QCOMPARE(m_all->onPublish(request, *m_directory->byName("anna")).status, 200);
        QVERIFY(buddy.knows("travel"));
        buddy.answers();
        m_clock.advance(seconds(60));
        m_all->onSecond();
        QVERIFY(buddy.knows("holiday"));
        QCOMPARE(m_all->presence("anna").activity, Activity::Holiday);
    }
    void mailboxesAreCounted()
    {
        FakeWatcher& lamp = watch("anna", "100", "message-summary");
        QVERIFY(lamp.knows("Messages-Waiting: no"));
        lamp.answers();
        m_all->setMessages("anna", {3, 1});
        QVERIFY(lamp.knows("Messages-Waiting: yes") && lamp.knows("Voice-Message: 3/1"));
        lamp.answers();
        m_all->setMessages("anna", {3, 1});
        QCOMPARE(lamp.bodies.size(), 2U);
    }
    void limitsHold()
    {
        SubscriptionLimits limits;
        limits.perWatcher = 2;
        limits.inAll = 3;
        start(limits);
        FakeWatcher& first = watch("otto", "100", "dialog");
        watch("otto", "100", "presence");
        QCOMPARE(watch("otto", "101", "dialog").log(), std::string("refuse 403"));
        watch("anna", "100", "dialog");
        QCOMPARE(watch("anna", "101", "dialog").log(), std::string("refuse 503"));
        QVERIFY(m_watchers.back().refusal.retryAfter.has_value());
        first.events->onEnded(sip::SubscriptionEnd::Lost);
        QVERIFY(first.over);
        QCOMPARE(m_all->count(), 2U);
        QCOMPARE(watch("otto", "101", "dialog").log(), std::string("accept 3600, notify"));
    }
    void rightsThatGoEndWatches()
    {
        FakeWatcher& idle = watch("otto", "100", "dialog");
        idle.answers();
        FakeWatcher& busy = watch("otto", "100", "presence"); // with a NOTIFY under way
        FakeWatcher& own = watch("otto", "101", "presence");
        own.answers();
        auto users = people();
        users[2].groups = {"board"};
        use(users);
        QCOMPARE(idle.log(), std::string("accept 3600, notify, end rejected"));
        QVERIFY(idle.over);
        QVERIFY(!busy.over);
        m_all->setPresence("anna", {true, Activity::Holiday, ""});
        busy.answers();
        QCOMPARE(busy.log(), std::string("accept 3600, notify, end rejected"));
        QVERIFY(busy.over);
        QVERIFY(!own.over);
        m_all->forget("otto");
        QCOMPARE(own.log(), std::string("accept 3600, notify, end deactivated"));
        QCOMPARE(m_all->count(), 0U);
    }
    void usersThatGoEndWatches()
    {
        FakeWatcher& lamp = watch("otto", "100", "dialog");
        lamp.answers();
        m_all->setPresence("anna", {true, Activity::Holiday, ""});
        auto users = people();
        users.erase(users.begin());
        use(users);
        QCOMPARE(lamp.log(), std::string("accept 3600, notify, end noresource"));
        use(people());
        QVERIFY(m_all->presence("anna").activity == Activity::None);
    }
    void theEndIsForAll()
    {
        FakeWatcher& idle = watch("otto", "100", "dialog");
        idle.answers();
        FakeWatcher& busy = watch("otto", "101", "dialog");
        m_all->endAll();
        QCOMPARE(idle.log(), std::string("accept 3600, notify, end deactivated"));
        QVERIFY(idle.over && busy.over);
        QCOMPARE(m_all->count(), 0U);
    }
};

QTEST_GUILESS_MAIN(SubscriptionsTest)
#include "tst_subscriptions.moc"
