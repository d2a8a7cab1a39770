// SPDX-License-Identifier: GPL-3.0-or-later
// The relay as the lite side of ICE: who is heard, where media goes, and what becomes of a restart.
#include "core/relay/stun_message.h"
#include "tests/unit/relay/device.h"

using namespace sr;
using namespace sr::test;
using relay::IceCredentials;
using relay::Peer;
using relay::Side;
namespace stun = relay::stun;

namespace {

const IceCredentials kOurs{"frag", "0123456789012345678901"};
const IceCredentials kRestarted{"gfra", "abcdefghijabcdefghijab"};

/// A full agent's check, from one of its sockets; the answer.
std::optional<stun::Class> checks(Port& port, const Endpoint& ours, const IceCredentials& login,
                                  bool nominates)
{
    stun::Transaction transaction{};
    transaction.fill(std::byte{9});
    stun::Writer request(stun::Class::Request, transaction);
    request.userName(login.userFragment + ":theirs");
    request.priority(1);
    request.controlling(2);
    if (nominates)
        request.useCandidate();
    request.seal(login.password);
    request.fingerprint();
    port.send(request.datagram(), ours);
    const Arrival arrival = port.next();
    const auto answer = stun::parse(arrival.datagram);
    if (!answer || answer->transaction != transaction || arrival.from != ours)
        return std::nullopt;
    if (answer->kind == stun::Class::Success && answer->mapped != port.local())
        return std::nullopt;
    return answer->kind;
}

/// A caller with ICE, a callee without.
struct IceCall : Call {
    Peer icePeer(const IceCredentials& login = kOurs) const
    {
        Peer peer = caller.peer();
        peer.ice = login;
        return peer;
    }
    bool connected(const Peer& peer)
    {
        return bridge && bridge->setPeer(Side::Caller, peer) && bridge->setPeer(Side::Callee, callee.peer());
    }
    bool nominate(Port& port, const IceCredentials& login = kOurs)
    {
        return checks(port, local(Side::Caller), login, true) == stun::Class::Success;
    }
    /// What the callee says arrives there.
    bool reaches(Port& port, std::uint16_t sequence)
    {
        callee.rtp.send(rtpPacket(sequence), local(Side::Callee));
        return port.next().datagram == rtpPacket(sequence);
    }
};

} // namespace

class RelayIceTest : public QObject {
    Q_OBJECT

private slots:
    void nothingGoesTowardsASideBeforeItsNomination()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        call.callee.rtp.send(rtpPacket(1), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).unsent, std::uint64_t{1});
        QVERIFY(checks(call.caller.rtp, call.local(Side::Caller), kOurs, false) == stun::Class::Success);
        call.callee.rtp.send(rtpPacket(2), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).unsent, std::uint64_t{2});
        QVERIFY(call.nominate(call.caller.rtp));
        QVERIFY(call.reaches(call.caller.rtp, 3));
        QCOMPARE(call.state(Side::Caller).checks, std::uint64_t{2});
        QVERIFY(call.state(Side::Caller).source == call.caller.rtp.local());
    }

    void whoHasNotCheckedIsNotHeard()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        call.caller.rtp.send(rtpPacket(1), call.local(Side::Caller)); // from the signalled address even
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{1});
        QVERIFY(checks(call.caller.rtp, call.local(Side::Caller), kOurs, false) == stun::Class::Success);
        call.caller.rtp.send(rtpPacket(2), call.local(Side::Caller));
        QVERIFY(call.callee.rtp.next().datagram == rtpPacket(2));
        Port stranger;
        stranger.send(rtpPacket(3), call.local(Side::Caller));
        stranger.send(rtcpPacket(3), rtcpPort(call.local(Side::Caller)));
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{3});
    }

    void whatIsNeitherMediaNorACheckIsDropped()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        QVERIFY(call.nominate(call.caller.rtp));
        const auto refused = call.state(Side::Caller).refused;
        std::uint64_t sent = 0;
        for (const int first : {16, 64, 79, 80, 127, 192, 255}) { // RFC 7983 §7; from 64 on ChannelData
            Bytes datagram = rtpPacket(1);
            datagram[0] = static_cast<std::byte>(first);
            call.caller.rtp.send(datagram, call.local(Side::Caller));
            ++sent;
        }
        Bytes channelData{std::byte{0x40}, std::byte{0}, std::byte{0}, std::byte{172}}; // RFC 8656 §12.4
        const Bytes inside = rtpPacket(2);
        channelData.insert(channelData.end(), inside.begin(), inside.end());
        call.caller.rtp.send(channelData, call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).refused, refused + sent + 1);
        call.caller.rtp.send(rtpPacket(3), call.local(Side::Caller));
        QVERIFY(call.callee.rtp.next().datagram == rtpPacket(3)); // the first that goes on
        QCOMPARE(call.state(Side::Caller).packets, std::uint64_t{1});
    }

    void wrongCredentialsAreAnsweredAndDoNotCount()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        Port stranger;
        QVERIFY(checks(stranger, call.local(Side::Caller), {kOurs.userFragment, std::string(22, 'x')},
                       true) == stun::Class::Error);
        QVERIFY(checks(stranger, call.local(Side::Caller), {"none", kOurs.password}, true) ==
                stun::Class::Error);
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{2});
        QCOMPARE(call.state(Side::Caller).checks, std::uint64_t{0});
        QVERIFY(call.state(Side::Caller).source == Endpoint());
    }

    void theNewestNominationHolds()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        Port other;
        QVERIFY(call.nominate(call.caller.rtp));
        QVERIFY(call.nominate(other));
        QVERIFY(call.reaches(other, 1));
        call.caller.rtp.send(rtpPacket(2), call.local(Side::Caller)); // still one that has checked
        QVERIFY(call.callee.rtp.next().datagram == rtpPacket(2));
        QVERIFY(call.nominate(call.caller.rtp));
        QVERIFY(call.reaches(call.caller.rtp, 3));
    }

    void reportsHaveChecksOfTheirOwn()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        QVERIFY(call.nominate(call.caller.rtp));
        call.callee.rtcp.send(rtcpPacket(1), rtcpPort(call.local(Side::Callee)));
        QTRY_COMPARE(call.state(Side::Callee).unsent, std::uint64_t{1});
        QVERIFY(checks(call.caller.rtcp, rtcpPort(call.local(Side::Caller)), kOurs, true) ==
                stun::Class::Success);
        call.callee.rtcp.send(rtcpPacket(2), rtcpPort(call.local(Side::Callee)));
        QVERIFY(call.caller.rtcp.next().datagram == rtcpPacket(2));
        call.caller.rtcp.send(rtcpPacket(3), rtcpPort(call.local(Side::Caller)));
        QVERIFY(call.callee.rtcp.next().datagram == rtcpPacket(3));
    }

    void reportsBesideSoundGoByTheSameNomination()
    {
        IceCall call;
        Peer peer = call.icePeer();
        peer.rtcpMux = true;
        QVERIFY(call.connected(peer));
        QVERIFY(call.nominate(call.caller.rtp));
        call.callee.rtcp.send(rtcpPacket(1), rtcpPort(call.local(Side::Callee)));
        QVERIFY(call.caller.rtp.next().datagram == rtcpPacket(1));
        call.caller.rtp.send(rtcpPacket(2), call.local(Side::Caller));
        QVERIFY(call.callee.rtcp.next().datagram == rtcpPacket(2));
    }

    void aRestartKeepsTheWayUntilTheNextNomination()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        QVERIFY(call.nominate(call.caller.rtp));
        Peer restarted = call.icePeer(kRestarted);
        Port other;
        restarted.rtp = other.local();
        QVERIFY(call.bridge->setPeer(Side::Caller, restarted));
        QVERIFY(call.reaches(call.caller.rtp, 1));
        QVERIFY(checks(other, call.local(Side::Caller), kOurs, true) == stun::Class::Error);
        QVERIFY(call.nominate(other, kRestarted));
        QVERIFY(call.reaches(other, 2));
    }

    void anotherDeviceInheritsNothing()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        QVERIFY(call.nominate(call.caller.rtp));
        Peer another = call.icePeer(kRestarted);
        another.device = 1;
        QVERIFY(call.bridge->setPeer(Side::Caller, another));
        call.callee.rtp.send(rtpPacket(1), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).unsent, std::uint64_t{1});
        call.caller.rtp.send(rtpPacket(2), call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{1});
    }

    void aDeviceThatKnowsNoAddressYet()
    {
        IceCall call;
        Peer peer = call.icePeer();
        peer.rtp = {{}, 9}; // RFC 8840 §4.1.1
        peer.rtcp = {{}, 9};
        QVERIFY(call.connected(peer));
        QVERIFY(call.nominate(call.caller.rtp));
        QVERIFY(call.reaches(call.caller.rtp, 1));
    }

    void aDeviceOnHoldIsNotSentTo()
    {
        IceCall call;
        Peer peer = call.icePeer();
        QVERIFY(call.connected(peer));
        QVERIFY(call.nominate(call.caller.rtp));
        peer.rtp.address = {};
        QVERIFY(call.bridge->setPeer(Side::Caller, peer));
        call.callee.rtp.send(rtpPacket(1), call.local(Side::Callee));
        QTRY_COMPARE(call.state(Side::Callee).unsent, std::uint64_t{1});
    }

    void aSideWithoutIceAnswersNoChecks()
    {
        IceCall call;
        QVERIFY(call.connected(call.caller.peer()));
        stun::Writer request(stun::Class::Request, {});
        request.userName("frag:theirs");
        request.seal(kOurs.password);
        Port stranger;
        stranger.send(request.datagram(), call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{1});
        Arrival arrival;
        QVERIFY(!stranger.poll(arrival));
        QVERIFY(call.reaches(call.caller.rtp, 1));
    }

    void whatIsNeitherCheckNorMediaIsRefused()
    {
        IceCall call;
        QVERIFY(call.connected(call.icePeer()));
        stun::Transaction transaction{};
        const stun::Writer indication(stun::Class::Indication, transaction);
        const stun::Writer answer(stun::Class::Success, transaction);
        call.caller.rtp.send(indication.datagram(), call.local(Side::Caller)); // keeps a NAT open
        call.caller.rtp.send(answer.datagram(), call.local(Side::Caller));
        call.caller.rtp.send(answer.datagram().first(19), call.local(Side::Caller));
        call.caller.rtp.send({}, call.local(Side::Caller));
        QTRY_COMPARE(call.state(Side::Caller).refused, std::uint64_t{3});
    }
};

QTEST_GUILESS_MAIN(RelayIceTest)
#include "tst_relay_ice.moc"
