// SPDX-License-Identifier: GPL-3.0-or-later
// Sessions with an agent of full ICE in between: what the device is told, what the call, and when.
#include "core/base/bytes.h" // before <array>, whose <concepts> moc cannot read first
#include "core/pbx/ice_dialer.h"
#include "core/relay/udp_socket.h"
#include "tests/unit/pbx/call_scene.h"

#include <QTest>

#include <mutex>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

const std::string kTheirs = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
                            "a=candidate:1 1 UDP 2130706431 127.0.0.1 4002 typ host\r\n";

/// What a call would be told.
struct Listener final : sip::SessionEvents {
    void onReply(const sip::Reply& reply) override
    {
        told.push_back({std::to_string(reply.status), reply.sdp});
    }
    void onOffer(const std::string& sdp) override { told.push_back({"offer", sdp}); }
    void onAck(const std::string& sdp) override { told.push_back({"ack", sdp}); }
    void onInfo(const std::string&, const std::string&) override { told.push_back({"info", {}}); }
    void onRefer(const sip::ReferRequest&) override { told.push_back({"refer", {}}); }
    void onEnded(sip::Ending) override { told.push_back({"ended", {}}); }
    std::vector<FakePhone::Sent> told;
};

/// The control thread is that of the test: work() does what was posted.
struct Scene {
    explicit Scene(relay::IceOptions options = {})
        : thread(std::move(options))
    {}
    bool work()
    {
        std::vector<std::function<void()>> now;
        {
            const std::scoped_lock lock(mutex);
            now.swap(posted);
        }
        for (const auto& one : now)
            one();
        return !now.empty();
    }
    /// Until something has been posted.
    bool works()
    {
        return QTest::qWaitFor([this] { return work(); }, 20'000);
    }
    void call(sip::IceUse use, const std::string& sdp = sdpOf(20000))
    {
        sip::OutgoingInvite invite;
        invite.uri = "sip:otto@127.0.0.1";
        invite.to.user = "101";
        invite.sdp = sdp;
        invite.ice = use;
        session = dialer.invite(invite, listener);
    }
    FakePhone& phone() { return network.phones.front(); }

    std::mutex mutex;
    std::vector<std::function<void()>> posted;
    std::vector<std::string> alarms;
    FakeDialer network;
    relay::IceThread thread;
    IceDialer dialer{network,
                     {&thread,
                      [this](std::function<void()> work) {
                          const std::scoped_lock lock(mutex);
                          posted.push_back(std::move(work));
                      },
                      [this](const std::string& words) { alarms.push_back(words); }}};
    Listener listener;
    std::unique_ptr<sip::Session> session;
};

bool holdsIce(const std::string& sdp)
{
    return sdp.find("ice-") != std::string::npos || sdp.find("candidate") != std::string::npos;
}

} // namespace

class IceDialerTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        if (!relay::IceThread::isAvailable())
            QSKIP("without libnice there are no agents");
    }

    void aDeviceIsInvitedWithCandidates()
    {
        Scene scene;
        scene.call(sip::IceUse::Full);
        QVERIFY(scene.network.phones.empty()); // they are gathered first
        QVERIFY(scene.works());
        const sdp::Media offer = audioOf(scene.phone().invite.sdp);
        QVERIFY2(offer.ice && !offer.ice->lite && offer.wantsChecks() && offer.rtcpMux,
                 scene.phone().invite.sdp.c_str());
        QVERIFY(offer.rtp.port != 20000);
        scene.phone().events->onReply({180, {}});
        scene.phone().events->onReply({200, sdpOf(4002, kTheirs)});
        QCOMPARE(scene.listener.told.size(), std::size_t{2});
        const std::string& answer = scene.listener.told[1].sdp;
        QVERIFY2(!holdsIce(answer), answer.c_str());
        QVERIFY(audioOf(answer).rtp.port != 4002 &&
                audioOf(answer).rtp.address == *IpAddress::parse("127.0.0.1"));
        scene.session->acknowledge();
        scene.session->offer(sdpOf(20004, "a=sendonly\r\n"));
        const sdp::Media again = audioOf(scene.phone().lastSdp());
        QVERIFY(again.ice && again.ice->login == offer.ice->login && again.rtp == offer.rtp);
        QVERIFY(again.direction == sdp::Direction::SendOnly);
        scene.session.reset();
        QVERIFY(scene.phone().over);
    }

    void aCallThatIsOverInvitesNobody()
    {
        Scene scene;
        scene.call(sip::IceUse::Full);
        scene.session.reset();
        scene.work();
        QVERIFY(scene.network.phones.empty());
    }

    void aDeviceWithoutIceGetsItsMediaToo()
    {
        Scene scene;
        scene.call(sip::IceUse::Full);
        QVERIFY(scene.works());
        auto device = std::move(*relay::UdpSocket::bind(*Endpoint::parse("127.0.0.1:0")));
        auto relay = std::move(*relay::UdpSocket::bind(*Endpoint::parse("127.0.0.1:0")));
        scene.phone().events->onReply({200, sdpOf(device.local().port)});
        scene.session->acknowledge();
        const Endpoint inlet = audioOf(scene.listener.told[0].sdp).rtp;
        scene.session->offer(sdpOf(relay.local().port)); // another relay, as after a transfer
        QVERIFY(!holdsIce(scene.phone().lastSdp()));
        const Bytes packet(20, std::byte{0x80});
        std::array<std::byte, 100> buffer{};
        relay::SocketAddress from;
        relay.send(packet, relay::SocketAddress::of(inlet));
        scene.phone().events->onReply({200, sdpOf(device.local().port)});
        const auto arrives = [&] {
            relay.send(packet, relay::SocketAddress::of(inlet)); // from its answer on it counts
            return device.receive(buffer, from) == 20;
        };
        QVERIFY(QTest::qWaitFor(arrives, 20'000));
    }

    void aCallerWithIceIsAnsweredByAnAgent()
    {
        Scene scene;
        FakePhone caller;
        sip::InviteRequest request;
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        request.sdp = sdpOf(4002, kTheirs + "a=rtcp-mux\r\n");
        auto session = scene.dialer.admit(std::make_unique<FakeSession>(caller), request, sip::IceUse::Full);
        session->setEvents(scene.listener);
        QVERIFY2(!holdsIce(request.sdp) && audioOf(request.sdp).rtcpMux, request.sdp.c_str());
        session->respond(180);
        session->respond(200, sdpOf(20000, "a=rtcp-mux\r\n"));
        QCOMPARE(caller.log(), std::string("180")); // no answer before its candidates
        QVERIFY(scene.works());
        QCOMPARE(caller.log(), std::string("180 200"));
        const sdp::Media answer = audioOf(caller.lastSdp());
        QVERIFY(answer.ice && answer.ice->candidates.size() == 1);
        caller.events->onAck({});
        caller.events->onOffer(
            sdpOf(4002, "a=ice-ufrag:efgh\r\na=ice-pwd:0123456789012345678901\r\n"
                        "a=candidate:1 1 UDP 2130706431 127.0.0.1 4002 typ host\r\n")); // a restart
        QVERIFY(!holdsIce(scene.listener.told.back().sdp));
        session->respond(200, sdpOf(20000));
        QVERIFY(audioOf(caller.lastSdp()).ice->login.userFragment != answer.ice->login.userFragment);
    }

    /// Who is refused hears why, though our addresses are not known yet.
    void aCallerWithIceIsRefusedAtOnce()
    {
        Scene scene;
        FakePhone caller;
        sip::InviteRequest request;
        request.source.address = *Endpoint::parse("127.0.0.1:5060");
        request.sdp = sdpOf(4002, kTheirs);
        auto session = scene.dialer.admit(std::make_unique<FakeSession>(caller), request, sip::IceUse::Full);
        session->setEvents(scene.listener);
        session->respond(183, sdpOf(20000)); // this waits
        session->respond(486);
        QCOMPARE(caller.log(), std::string("486"));
        session.reset();
    }

    void withoutAnAgentNothingChanges_data()
    {
        QTest::addColumn<int>("use");
        QTest::addColumn<bool>("strips");
        QTest::newRow("lite") << static_cast<int>(sip::IceUse::Lite) << false;
        QTest::newRow("off") << static_cast<int>(sip::IceUse::Off) << true;
    }
    void withoutAnAgentNothingChanges()
    {
        QFETCH(int, use);
        QFETCH(bool, strips);
        Scene scene;
        scene.call(static_cast<sip::IceUse>(use), sdpOf(20000, kTheirs));
        QCOMPARE(scene.phone().invite.sdp, strips ? sdpOf(20000) : sdpOf(20000, kTheirs));
        FakePhone caller;
        sip::InviteRequest request;
        request.sdp = sdpOf(4002, kTheirs);
        const auto session =
            scene.dialer.admit(std::make_unique<FakeSession>(caller), request, static_cast<sip::IceUse>(use));
        QCOMPARE(request.sdp, strips ? sdpOf(4002) : sdpOf(4002, kTheirs));
        session->respond(200, sdpOf(20000));
        QCOMPARE(caller.log(), std::string("200"));
    }

    void aTurnServerThatIsSilentIsSaid()
    {
        const auto silent = std::move(*relay::UdpSocket::bind(*Endpoint::parse("127.0.0.1:0")));
        relay::IceOptions options;
        options.turn = {"127.0.0.1", silent.local().port};
        options.turnUser = "user";
        options.turnPassword = "word";
        options.gathersFor = std::chrono::milliseconds(100);
        Scene scene(options);
        scene.call(sip::IceUse::Relay);
        QVERIFY(scene.works());
        QCOMPARE(scene.alarms.size(), std::size_t{1});
        QVERIFY2(scene.alarms[0].find("did not answer in time for a call with 101") != std::string::npos,
                 scene.alarms[0].c_str());
        QVERIFY(audioOf(scene.phone().invite.sdp).ice.has_value()); // by what there is
    }
};

QTEST_GUILESS_MAIN(IceDialerTest)
#include "tst_ice_dialer.moc"
