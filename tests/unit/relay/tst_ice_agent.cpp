// SPDX-License-Identifier: GPL-3.0-or-later
// Agents of full ICE on this machine: two find each other, and what has no business there stays out.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/relay/ice_agent.h"
#include "core/relay/udp_socket.h"

#include <QTest>

#include <atomic>
#include <chrono>

using namespace sr;
using namespace sr::relay;

namespace {

const IpAddress kHere = IpAddress::v4(0x7f000001);

/// An agent, what it has told, and two sockets in the relay's place.
struct End {
    explicit End(IceThread& thread, IceRole role, bool rtcpMux = false)
    {
        rtp = std::move(*UdpSocket::bind({kHere, 0}));
        rtcp = std::move(*UdpSocket::bind({kHere, 0}));
        IceEvents events;
        events.gathered = [this] {
            gathering = std::chrono::steady_clock::now() - begun;
            isGathered = true;
        };
        events.connected = [this] { ++ways; };
        events.trouble = [this](IceTrouble what) { trouble = static_cast<int>(what); };
        agent = std::move(*thread.open({kHere, role, false, rtcpMux}, std::move(events)));
        agent->setRelay(rtp.local(), rtcp.local());
    }
    void say(UdpSocket& from, const std::string& words) const
    {
        const bool isRtcp = &from == &rtcp;
        from.send(std::as_bytes(std::span(words)),
                  SocketAddress::of(isRtcp ? agent->rtcpInlet() : agent->rtpInlet()));
    }
    const std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
    std::chrono::steady_clock::duration gathering{}; ///< how long it took, once it is done
    std::atomic<bool> isGathered{false};
    std::atomic<int> ways{0};
    std::atomic<int> trouble{-1};
    UdpSocket rtp;
    UdpSocket rtcp;
    std::unique_ptr<IceAgent> agent; ///< first to go, for it tells the others
};

/// The next datagram, which may be on its way.
std::string heard(UdpSocket& socket)
{
    std::array<std::byte, 1500> buffer{};
    SocketAddress from;
    std::ptrdiff_t size = -1;
    (void)QTest::qWaitFor([&] { return (size = socket.receive(buffer, from)) >= 0; }, 20'000);
    return size < 0 ? "nothing"
                    : std::string(reinterpret_cast<const char*>(buffer.data()), std::size_t(size));
}

void introduce(const End& offerer, const End& answerer)
{
    answerer.agent->setRemote(offerer.agent->local(), true);
    offerer.agent->setRemote(answerer.agent->local(), false);
}

} // namespace

class IceAgentTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        if (!IceThread::isAvailable())
            QSKIP("without libnice there are no agents");
    }

    void twoFindEachOther_data()
    {
        QTest::addColumn<bool>("rtcpMux");
        QTest::newRow("RTCP on its own") << false;
        QTest::newRow("RTCP beside RTP") << true;
    }
    void twoFindEachOther()
    {
        QFETCH(bool, rtcpMux);
        IceThread thread({});
        End anna(thread, IceRole::Controlling, rtcpMux);
        End otto(thread, IceRole::Controlled, rtcpMux);
        QTRY_VERIFY(anna.isGathered && otto.isGathered);
        const IceFacts facts = anna.agent->local();
        QCOMPARE(facts.candidates.size(), std::size_t{rtcpMux ? 1U : 2U});
        QVERIFY2(facts.candidates[0].find(" typ host") != std::string::npos, facts.candidates[0].c_str());
        QVERIFY(facts.rtp.address == kHere && facts.rtp.port != 0);
        QCOMPARE(facts.rtp == facts.rtcp, rtcpMux);
        introduce(anna, otto);
        QTRY_VERIFY(anna.ways == 1 && otto.ways == 1);
        anna.say(anna.rtp, "hello otto");
        QCOMPARE(heard(otto.rtp), std::string("hello otto"));
        otto.say(otto.rtp, "hello anna");
        QCOMPARE(heard(anna.rtp), std::string("hello anna"));
        if (rtcpMux)
            return;
        std::array<std::byte, 1500> buffer{};
        SocketAddress from;
        const auto reported = [&] {
            otto.say(otto.rtcp, "report"); // until its way is there as well
            return anna.rtcp.receive(buffer, from) > 0;
        };
        QVERIFY(QTest::qWaitFor(reported, 20'000));
    }

    void onlyTheRelayIsHeard()
    {
        IceThread thread({});
        End anna(thread, IceRole::Controlling);
        End otto(thread, IceRole::Controlled);
        introduce(anna, otto);
        QTRY_VERIFY(anna.ways == 1 && otto.ways == 1);
        UdpSocket stranger = std::move(*UdpSocket::bind({kHere, 0}));
        anna.say(stranger, "stranger");
        std::string toOtto = "to the agent itself";
        stranger.send(std::as_bytes(std::span(toOtto)), SocketAddress::of(otto.agent->local().rtp));
        anna.say(anna.rtp, "anna");
        QCOMPARE(heard(otto.rtp), std::string("anna")); // and nothing before
        UdpSocket next = std::move(*UdpSocket::bind({kHere, 0}));
        anna.agent->setRelay(next.local(), anna.rtcp.local());
        anna.say(anna.rtp, "the former relay");
        anna.say(next, "the new one");
        QCOMPARE(heard(otto.rtp), std::string("the new one"));
        otto.say(otto.rtp, "back");
        QCOMPARE(heard(next), std::string("back"));
    }

    void aRestartLeadsToANewWay()
    {
        IceThread thread({});
        End anna(thread, IceRole::Controlling);
        End otto(thread, IceRole::Controlled);
        introduce(anna, otto);
        QTRY_VERIFY(anna.ways == 1 && otto.ways == 1);
        const IceFacts before = otto.agent->local();
        End annasNext(thread, IceRole::Controlling);
        introduce(annasNext, otto);
        QVERIFY(otto.agent->local().userFragment != before.userFragment);
        QTRY_VERIFY(annasNext.ways == 1 && otto.ways == 2);
        annasNext.say(annasNext.rtp, "again");
        QCOMPARE(heard(otto.rtp), std::string("again"));
    }

    void aDeviceWithoutIceIsSpokenTo()
    {
        IceThread thread({});
        End anna(thread, IceRole::Controlling);
        QTRY_VERIFY(anna.isGathered);
        UdpSocket device = std::move(*UdpSocket::bind({kHere, 0}));
        anna.agent->setPlain(device.local(), {});
        anna.say(anna.rtp, "hello");
        QCOMPARE(heard(device), std::string("hello"));
        const std::string answer = "here I am";
        device.send(std::as_bytes(std::span(answer)), SocketAddress::of(anna.agent->local().rtp));
        QCOMPARE(heard(anna.rtp), answer);
    }

    void whoIsGoneIsNotFound()
    {
        IceThread thread({});
        End anna(thread, IceRole::Controlling);
        {
            const End otto(thread, IceRole::Controlled);
            anna.agent->setRemote(otto.agent->local(), false);
        }
        anna.say(anna.rtp, "lost");
        QTRY_COMPARE_WITH_TIMEOUT(anna.trouble, static_cast<int>(IceTrouble::NoWay), 30'000);
        QCOMPARE(anna.ways, 0);
    }

    void aSilentTurnServerHoldsNothingUp()
    {
        const UdpSocket silent = std::move(*UdpSocket::bind({kHere, 0})); // takes all, says nothing
        IceOptions options;
        options.turn = {"127.0.0.1", silent.local().port};
        options.turnUser = "user";
        options.turnPassword = "word";
        options.gathersFor = std::chrono::milliseconds(200);
        IceThread thread(options);
        End anna(thread, IceRole::Controlling);
        QTRY_VERIFY(anna.isGathered);
        QVERIFY(anna.gathering >= options.gathersFor); // it was waited for
        QCOMPARE(anna.trouble, static_cast<int>(IceTrouble::TurnSilent));
        QVERIFY(anna.agent->local().candidates.size() == 2);
    }

    void candidatesThatCannotBeReadAreLeftOut()
    {
        IceThread thread({});
        End anna(thread, IceRole::Controlling);
        IceFacts facts;
        facts.userFragment = "abcd";
        facts.password = "0123456789012345678901";
        facts.candidates = {"",
                            "1",
                            "1 1 UDP",
                            "1 9 UDP 1 127.0.0.1 5000 typ host",
                            "1 1 UDP 1 nowhere.local 5000 typ host",
                            "1 1 TCP 1 127.0.0.1 9 typ host"};
        anna.agent->setRemote(facts, false);
        QTRY_VERIFY(anna.isGathered);
        QCOMPARE(anna.ways, 0);
    }
};

QTEST_GUILESS_MAIN(IceAgentTest)
#include "tst_ice_agent.moc"
