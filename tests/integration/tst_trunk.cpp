// SPDX-License-Identifier: GPL-3.0-or-later
// Our side of a trunk against Kamailio as the provider: registering there, and calling through it.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/trunk.h"
#include "core/sip/sip_stack.h"
#include "tests/support/baresip_phone.h"
#include "tests/support/kamailio_process.h"

#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <future>
#include <mutex>

using namespace sr;
using namespace sr::sip;
using namespace std::chrono_literals;
using Kamailio = sr::test::KamailioProcess;

namespace {

const std::string kOffer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
                           "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";

/// A stack with one registration and at most one call. The numbers are set on the control thread.
class Client final : public RequestHandler, public RegistrationEvents, public SessionEvents {
public:
    explicit Client(RegistrationOptions options)
    {
        StackOptions stack;
        stack.listen = {*Endpoint::parse("127.0.0.1:0")};
        stack.product = "Switchroom test";
        auto started = SipStack::start(stack, *this);
        if (!started)
            qFatal("%s", started.error().context.c_str());
        m_stack = *std::move(started);
        m_stack->post([this, options = std::move(options)] {
            m_registration = std::make_unique<Registration>(options, *m_stack, m_clock, *this);
            m_registration->tick();
        });
    }
    ~Client() override { m_stack.reset(); }

    void sayGoodBye()
    {
        m_stack->post([this] { m_registration->leave(); });
    }
    RegistrationStatus status()
    {
        std::promise<RegistrationStatus> told;
        m_stack->post([&] { told.set_value(m_registration->status()); });
        return told.get_future().get();
    }

    /// Calls `user` at the provider; the caller's headers are in `invite`.
    void call(const std::string& user, OutgoingInvite invite)
    {
        m_stack->post([this, user, invite]() mutable {
            const RegistrationOptions& trunk = m_registration->options();
            invite.uri = "sip:" + user + "@" + trunk.registrar;
            invite.to = {"", user, trunk.registrar};
            invite.way = m_registration->status().peer;
            send(invite);
        });
    }
    void call(const OutgoingInvite& invite)
    {
        m_stack->post([this, invite] { send(invite); });
    }
    void offerAnew()
    {
        m_stack->post([this] { m_session->offer(kOffer); });
    }
    void press(char key)
    {
        m_stack->post([this, key] {
            m_session->info("application/dtmf-relay",
                            "Signal=" + std::string(1, key) + "\r\nDuration=160\r\n");
        });
    }
    void hangUp()
    {
        m_stack->post([this] { m_session.reset(); });
    }
    std::string called()
    {
        const std::lock_guard lock(m_mutex);
        return m_called;
    }

    void onReply(const Reply& reply) override
    {
        if (reply.status >= 200 && reply.status < 300)
            m_session->acknowledge();
        if (reply.status >= 200) {
            lastReply = reply.status;
            ++finalReplies;
        }
    }
    void onOffer(const std::string&) override { m_session->respond(200, kOffer); }
    void onAck(const std::string&) override {}
    void onInfo(const std::string&, const std::string&) override {}
    void onRefer(const ReferRequest&) override { m_session->referred(603); }
    void onEnded(Ending) override { ++ended; }

    bool admits(const Knock&) override { return true; }
    void onSubscribe(std::unique_ptr<Subscription>, const SubscribeRequest&) override {} // refused
    PublishAnswer onPublish(const PublishRequest&) override { return {}; }
    void onMessage(std::unique_ptr<IncomingMessage>, const MessageRequest&) override {} // refused
    RegisterAnswer onRegister(const RegisterRequest&) override
    {
        RegisterAnswer answer;
        answer.status = 403;
        return answer;
    }
    void onInvite(std::unique_ptr<Session> session, const InviteRequest& request) override
    {
        const std::lock_guard lock(m_mutex);
        m_called = request.target;
        m_session = std::move(session);
        m_session->setEvents(*this);
        m_session->respond(200, kOffer);
    }
    void onSecond() override
    {
        if (m_registration)
            m_registration->tick();
    }
    void onStopping() override
    {
        m_session.reset();
        m_registration.reset();
    }
    void onRegistered(const RegistrationStatus&) override { ++registered; }
    void onFailed(const RegistrationStatus& status) override
    {
        ++failed;
        lastFailure = status.failure;
    }
    void onLost(const RegistrationStatus&) override { ++lost; }
    void onGone() override { ++gone; }

    std::atomic<int> registered = 0;
    std::atomic<int> failed = 0;
    std::atomic<int> lastFailure = 0;
    std::atomic<int> lost = 0;
    std::atomic<int> gone = 0;
    std::atomic<int> lastReply = 0;
    std::atomic<int> finalReplies = 0;
    std::atomic<int> ended = 0;

private:
    void send(OutgoingInvite invite)
    {
        invite.sdp = kOffer;
        m_session = m_stack->invite(invite, *this);
    }

    SystemClock m_clock;
    std::unique_ptr<SipStack> m_stack;
    std::unique_ptr<Registration> m_registration;
    std::unique_ptr<Session> m_session;
    std::mutex m_mutex;
    std::string m_called;
};

RegistrationOptions trunkAt(const Kamailio& provider)
{
    RegistrationOptions options;
    options.registrar = "127.0.0.1:" + std::to_string(provider.port());
    options.aor = {"", "trunk", "127.0.0.1"};
    options.account = {"trunk", Password("secret")};
    options.contactUser = "sr-0123456789abcdef";
    options.expires = 6; // a refresh is due within five seconds, and looked for once a second
    return options;
}

sr::test::BaresipOptions farPhone()
{
    sr::test::BaresipOptions options;
    options.user = QStringLiteral("far");
    options.password = QStringLiteral("secret");
    options.answers = true;
    return options;
}

/// As a trunk calls: known to the provider by its own name.
OutgoingInvite inviteAs(const char* password)
{
    OutgoingInvite invite;
    invite.from = {"", "trunk", "127.0.0.1"};
    invite.account = std::make_shared<const DigestAccount>(DigestAccount{"trunk", Password(password)});
    return invite;
}

} // namespace

class TrunkTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    QString folder() const { return m_dir.filePath(QString::fromUtf8(QTest::currentTestFunction())); }

private slots:
    void initTestCase()
    {
        for (const char* program : {"kamailio", "baresip"})
            QVERIFY2(!QStandardPaths::findExecutable(QString::fromUtf8(program)).isEmpty(), program);
    }

    void registersStaysAndLeaves_data()
    {
        QTest::addColumn<QString>("algorithm");
        QTest::addColumn<int>("transport");
        QTest::newRow("MD5 over UDP") << QStringLiteral("MD5") << int(Transport::Udp);
        QTest::newRow("SHA-256 over UDP") << QStringLiteral("SHA-256") << int(Transport::Udp);
        QTest::newRow("SHA-256 over TCP") << QStringLiteral("SHA-256") << int(Transport::Tcp);
    }
    void registersStaysAndLeaves()
    {
        QFETCH(QString, algorithm);
        QFETCH(int, transport);
        const Kamailio provider(folder(), {.algorithm = algorithm});
        QVERIFY2(provider.isReady(), provider.log().constData());
        RegistrationOptions options = trunkAt(provider);
        options.transport = Transport(transport);
        Client client(options);
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        QVERIFY(provider.knows("trunk"));
        const auto first = client.status();
        QVERIFY(first.peer.address.address == *IpAddress::parse("127.0.0.1"));
        QTRY_VERIFY_WITH_TIMEOUT(client.status().until >= first.until + 3s, 20'000); // refreshed
        QVERIFY(provider.knows("trunk"));
        client.sayGoodBye();
        QTRY_VERIFY_WITH_TIMEOUT(client.gone == 1, 10'000);
        QVERIFY(!provider.knows("trunk"));
        QCOMPARE(int(client.failed), 0);
        QCOMPARE(int(client.lost), 0);
    }

    void providerThatWantsLongerGetsIt()
    {
        const Kamailio provider(folder(), {.shortest = 90});
        QVERIFY2(provider.isReady(), provider.log().constData());
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        QVERIFY(client.status().until > SystemClock().steadyNow() + 60s);
        QCOMPARE(int(client.failed), 0);
    }

    void goesByTheOutboundProxy()
    {
        const Kamailio provider(folder());
        QVERIFY2(provider.isReady(), provider.log().constData());
        RegistrationOptions options = trunkAt(provider);
        options.proxy = std::exchange(options.registrar, "provider.invalid");
        options.aor.host = "provider.invalid";
        Client client(options);
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        QVERIFY(provider.log().contains("REGISTER sip:provider.invalid "));
        QVERIFY(provider.knows("trunk"));
    }

    void comesBackWithTheProvider()
    {
        Kamailio provider(folder());
        QVERIFY2(provider.isReady(), provider.log().constData());
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        provider.stop();
        provider.start();
        QVERIFY2(provider.isReady(), provider.log().constData());
        QTRY_VERIFY_WITH_TIMEOUT(provider.knows("trunk"), 60'000);
        QTRY_VERIFY_WITH_TIMEOUT(client.status().state == RegistrationState::Registered, 10'000);
    }

    void wrongPasswordIsToldOnceAndTriedSlowly()
    {
        const Kamailio provider(folder());
        QVERIFY2(provider.isReady(), provider.log().constData());
        RegistrationOptions options = trunkAt(provider);
        options.account.password = Password("guess");
        Client client(options);
        QTRY_VERIFY_WITH_TIMEOUT(client.failed == 1, 10'000);
        QCOMPARE(int(client.lastFailure), 401);
        QVERIFY(client.status().nextTry > SystemClock().steadyNow() + 9min);
        QCOMPARE(provider.requests("REGISTER"), 2);
        QVERIFY(!provider.knows("trunk"));
    }

    void nobodyThereIsAFailure()
    {
        Kamailio provider(folder());
        provider.stop();
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.failed == 1, 60'000);
        QVERIFY(client.status().nextTry > SystemClock().steadyNow() + 10s);
    }

    /// Each request from us in the call is asked for our account.
    void callIsChallengedToItsEnd()
    {
        const Kamailio provider(folder());
        QVERIFY2(provider.isReady(), provider.log().constData());
        sr::test::BaresipPhone phone(folder() + QStringLiteral("/phone"), provider.port(), farPhone());
        QVERIFY2(phone.isReady(), phone.said().constData());
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        OutgoingInvite invite = inviteAs("secret");
        invite.asserted = NameAddress{"", "4930123", "127.0.0.1"};
        invite.isPrivate = true;
        client.call("far", invite);
        QTRY_VERIFY_WITH_TIMEOUT(client.finalReplies == 1, 20'000);
        QCOMPARE(int(client.lastReply), 200);
        QVERIFY2(provider.log().contains("from=trunk pai=<sip:4930123@127.0.0.1> privacy=id"),
                 provider.log().constData());
        client.offerAnew();
        QTRY_VERIFY_WITH_TIMEOUT(client.finalReplies == 2, 20'000);
        QCOMPARE(int(client.lastReply), 200);
        client.press('5');
        QTRY_VERIFY_WITH_TIMEOUT(provider.log().contains("accepted INFO"), 10'000);
        client.hangUp();
        QVERIFY2(phone.waitFor("session closed"), (phone.said() + provider.log()).constData());
        QVERIFY(provider.log().contains("accepted BYE"));
        QCOMPARE(int(client.ended), 0);
    }

    void wrongPasswordEndsTheCall()
    {
        const Kamailio provider(folder());
        QVERIFY2(provider.isReady(), provider.log().constData());
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        client.call("far", inviteAs("guess"));
        QTRY_VERIFY_WITH_TIMEOUT(client.finalReplies == 1, 20'000);
        QCOMPARE(int(client.lastReply), 407);
        QCOMPARE(provider.requests("INVITE sip:far"), 2);
        client.hangUp();
        client.call("far", inviteAs("secret")); // there is nobody of that name
        QTRY_VERIFY_WITH_TIMEOUT(client.finalReplies == 2, 20'000);
        QCOMPARE(int(client.lastReply), 404);
    }

    void answersBySha256()
    {
        const Kamailio provider(folder(), {.algorithm = QStringLiteral("SHA-256")});
        QVERIFY2(provider.isReady(), provider.log().constData());
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        client.call("nobody", inviteAs("secret"));
        QTRY_VERIFY_WITH_TIMEOUT(client.finalReplies == 1, 20'000);
        QCOMPARE(int(client.lastReply), 404);
        QVERIFY(provider.log().contains("accepted INVITE"));
    }

    void trunkIntroducesTheCaller()
    {
        const Kamailio provider(folder());
        QVERIFY2(provider.isReady(), provider.log().constData());
        sr::test::BaresipPhone phone(folder() + QStringLiteral("/phone"), provider.port(), farPhone());
        QVERIFY2(phone.isReady(), phone.said().constData());
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        pbx::Trunk trunk;
        trunk.name = "provider";
        trunk.accounts.resize(1);
        trunk.accounts[0].registrar = "127.0.0.1:" + std::to_string(provider.port());
        trunk.accounts[0].user = "trunk";
        trunk.accounts[0].password = Password("secret");
        QVERIFY(pbx::check(trunk));
        client.call(pbx::trunkInvite(trunk, trunk.accounts[0], client.status().peer, "far",
                                     {"4930123", "Anna", false}));
        QTRY_VERIFY_WITH_TIMEOUT(client.finalReplies == 1, 20'000);
        QCOMPARE(int(client.lastReply), 200);
        const QByteArray log = provider.log();
        QVERIFY2(log.contains("from=trunk pai=\"Anna\" <sip:4930123@127.0.0.1> privacy=<null>"),
                 log.constData());
        QVERIFY2(log.contains("accepted INVITE sip:far@127.0.0.1"), log.constData());
    }

    /// The BYE of a session that is gone is asked again, for its nonce has gone stale.
    void hangsUpByANewNonce()
    {
        const Kamailio provider(folder(), {.nonceSeconds = 2});
        QVERIFY2(provider.isReady(), provider.log().constData());
        sr::test::BaresipPhone phone(folder() + QStringLiteral("/phone"), provider.port(), farPhone());
        QVERIFY2(phone.isReady(), phone.said().constData());
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        client.call("far", inviteAs("secret"));
        QTRY_VERIFY_WITH_TIMEOUT(client.finalReplies == 1, 20'000);
        QCOMPARE(int(client.lastReply), 200);
        const auto before = client.status().until;
        QTRY_VERIFY_WITH_TIMEOUT(client.status().until >= before + 3s, 20'000); // so much time has passed
        client.hangUp();
        QVERIFY2(phone.waitFor("session closed"), (phone.said() + provider.log()).constData());
        // The old nonce, then the new one; each may be repeated where the machine is slow (RFC 3261 17.1.2).
        QVERIFY(provider.log().count(": BYE sip:far") >= 2);
        QVERIFY(provider.log().count("accepted BYE") >= 1);
    }

    void silentProviderIsGivenUpSoon()
    {
        QUdpSocket silent;
        QVERIFY(silent.bind(QHostAddress::LocalHost));
        const std::string there = "127.0.0.1:" + std::to_string(silent.localPort());
        RegistrationOptions options;
        options.registrar = there;
        options.aor = {"", "trunk", "127.0.0.1"};
        Client client(options);
        OutgoingInvite invite = inviteAs("secret");
        invite.uri = "sip:far@" + there;
        invite.to = {"", "far", "127.0.0.1"};
        invite.way.address = *Endpoint::parse(there);
        client.call(invite);
        QTRY_VERIFY_WITH_TIMEOUT(client.finalReplies == 1, 15'000); // RFC 3261 waits for 32 s
        QCOMPARE(int(client.lastReply), 408);
    }

    void callOfTheProviderComesToOurContact()
    {
        const Kamailio provider(folder());
        QVERIFY2(provider.isReady(), provider.log().constData());
        sr::test::BaresipPhone phone(folder() + QStringLiteral("/phone"), provider.port(), farPhone());
        QVERIFY2(phone.isReady(), phone.said().constData());
        Client client(trunkAt(provider));
        QTRY_VERIFY_WITH_TIMEOUT(client.registered == 1, 10'000);
        phone.dial(QStringLiteral("trunk"));
        QTRY_COMPARE_WITH_TIMEOUT(client.called(), std::string("sr-0123456789abcdef"), 20'000);
        QVERIFY2(phone.waitFor("established"), phone.said().constData());
        phone.hangUp();
        QTRY_VERIFY_WITH_TIMEOUT(client.ended == 1, 20'000);
    }
};

QTEST_GUILESS_MAIN(TrunkTest)
#include "tst_trunk.moc"
