// SPDX-License-Identifier: GPL-3.0-or-later
// Media that goes past the exchange, and when it comes back to the relay.
#include "tests/unit/pbx/call_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::pbx;
using namespace sr::test;

namespace {

using Change = std::function<void(Call::Plan&)>;

const std::string kIce = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
                         "a=candidate:1 1 UDP 2130706431 192.168.1.7 4000 typ host\r\n";

void letBoth(Call::Plan& plan)
{
    plan.caller.passesBy = plan.callee.party.passesBy = true;
    for (CalledDevice& device : plan.callee.devices)
        device.owner.passesBy = true;
}

/// Nobody records, and both may; `more` changes something of it.
struct DirectScene : CallScene {
    explicit DirectScene(const std::string& offer = sdpOf(4000), const Change& more = {}, int devices = 1,
                         std::map<std::string, std::string> recordTo = {})
        : CallScene(devices, offer, false, {}, std::move(recordTo), {}, [&](Call::Plan& plan) {
            letBoth(plan);
            if (more)
                more(plan);
        })
    {
        neighbours.recordsAll = false;
    }
    const std::string& offered(std::size_t i = 0) { return phone(i).invite.sdp; }
};

bool isOurs(const std::string& description)
{
    return audioOf(description).rtp.port >= 30000;
}

std::string withHost(std::string sdp, const std::string& host)
{
    const std::string before = "c=IN IP4 127.0.0.1";
    return sdp.replace(sdp.find(before), before.size(), "c=IN IP4 " + host);
}

std::string lineOf(const std::string& text, const std::string& begin)
{
    const auto at = text.find(begin);
    return at == text.npos ? std::string() : text.substr(at, text.find('\r', at) - at);
}

std::string behindOrigin(const std::string& description)
{
    return description.substr(description.find("s="));
}

} // namespace

class TestCallDirect : public QObject {
    Q_OBJECT

private slots:
    void twoTalkWithoutUs()
    {
        const std::string video = "m=video 4004 RTP/AVP 96\r\na=rtpmap:96 VP8/90000\r\n";
        DirectScene scene(sdpOf(4000, kKey + video, "RTP/SAVP"));
        const std::string offered = scene.offered();
        QCOMPARE(behindOrigin(offered), behindOrigin(sdpOf(4000, kKey + video, "RTP/SAVP")));
        QVERIFY(lineOf(offered, "o=") != "o=- 1 1 IN IP4 127.0.0.1");
        scene.answer(0, sdpOf(4002, kKey, "RTP/SAVP"));
        const std::string answered = scene.caller.lastSdp();
        QCOMPARE(behindOrigin(answered), behindOrigin(sdpOf(4002, kKey, "RTP/SAVP")));
        QCOMPARE(scene.relay->openBridges(), std::size_t{1}); // for the time when it is needed
        QVERIFY(scene.tap.lines.empty());
    }

    void comesThroughUs_data()
    {
        QTest::addColumn<std::string>("offer");
        QTest::addColumn<Change>("change");
        const auto row = [](const char* name, const Change& change, const std::string& offer = sdpOf(4000)) {
            QTest::newRow(name) << offer << change;
        };
        row("recorded", [](Call::Plan& plan) { plan.record = true; });
        row("the caller may not", [](Call::Plan& plan) { plan.caller.passesBy = false; });
        row("one of the phones may not",
            [](Call::Plan& plan) { plan.callee.devices.back().owner.passesBy = false; });
        row("recorded when somebody says so",
            [](Call::Plan& plan) { plan.callee.devices.back().owner.record = RecordMode::Manual; });
        row("the caller records", [](Call::Plan& plan) { plan.caller.record = RecordMode::Transparent; });
        row("a caller behind a NAT", {}, withHost(sdpOf(4000), "192.168.1.7"));
        row("a phone behind a NAT", [](Call::Plan& plan) {
            plan.callee.devices.front().at.contact.uri = "sip:otto@192.168.1.8:5070";
        });
        row("a phone with a name",
            [](Call::Plan& plan) { plan.callee.devices.front().at.contact.uri = "sip:otto@phone.example"; });
        row("a way out behind it may not", [](Call::Plan& plan) {
            plan.callee.spare = {plan.callee.devices.front()};
            plan.callee.spare.front().owner.passesBy = false;
        });
        row("a caller who lets the other one offer", {}, {});
        row("nothing is to be heard", {}, sdpOf(4000, "a=inactive\r\n"));
    }
    void comesThroughUs()
    {
        QFETCH(const std::string, offer);
        QFETCH(const Change, change);
        DirectScene scene(offer, change, 2);
        QVERIFY(offer.empty() || (isOurs(scene.offered(0)) && isOurs(scene.offered(1))));
        scene.answer();
        QVERIFY(isOurs(scene.caller.lastSdp()));
    }

    void comesThroughUsForWhoRecordsElsewhere()
    {
        DirectScene scene(sdpOf(4000), {}, 1, {{"otto", "/records"}});
        QVERIFY(isOurs(scene.offered()));
    }

    /// Addresses that are no use to anybody say nothing then.
    void peersFindEachOtherByIce()
    {
        DirectScene scene(withHost(sdpOf(4000, kIce), "192.168.1.7"));
        QVERIFY(!isOurs(scene.offered()));
        QCOMPARE(audioOf(scene.offered()).ice->login.userFragment, std::string("abcd"));
        QCOMPARE(audioOf(scene.offered()).ice->candidates.size(), std::size_t{1});
    }

    /// For there is music, and that is ours.
    void whoWaitsWaitsHere()
    {
        DirectScene scene;
        scene.answer();
        scene.phone().events->onOffer(sdpOf(4002, "a=sendonly\r\n"));
        QVERIFY(isOurs(scene.caller.lastSdp()));
        scene.caller.events->onReply({200, sdpOf(4000, "a=recvonly\r\n")});
        QVERIFY(isOurs(scene.phone().lastSdp()));
        const std::string version = lineOf(scene.phone().lastSdp(), "o=");
        scene.phone().events->onOffer(sdpOf(4002));
        QCOMPARE(audioOf(scene.caller.lastSdp()).rtp.port, std::uint16_t{4002});
        scene.caller.events->onReply({200, sdpOf(4000)});
        QCOMPARE(audioOf(scene.phone().lastSdp()).rtp.port, std::uint16_t{4000});
        QVERIFY(lineOf(scene.phone().lastSdp(), "o=") != version);
    }

    /// Keys that the phones have between them go on to count there.
    void keysOfThePhonesAreNotOurs()
    {
        DirectScene scene(sdpOf(4000, kKey, "RTP/SAVP"));
        scene.answer(0, sdpOf(4002, kKey, "RTP/SAVP"));
        scene.phone().events->onOffer(sdpOf(4002, kKey + "a=sendonly\r\n", "RTP/SAVP"));
        const sdp::Media held = audioOf(scene.caller.lastSdp());
        QVERIFY(held.isSecure() && held.rtp.port >= 30000);
        QVERIFY(!held.crypto.empty() && lineOf(scene.caller.lastSdp(), "a=crypto") != kKey);
    }

    void whoHasNoCommonGroundTriesOurs()
    {
        DirectScene scene(sdpOf(4000, kKey, "RTP/SAVP"));
        QVERIFY(!isOurs(scene.offered()));
        scene.phone().events->onReply({488, {}});
        QVERIFY(isOurs(scene.offered(1)));
        scene.phone(1).events->onReply({488, {}});
        QVERIFY(!audioOf(scene.offered(2)).isSecure()); // as otherwise, too
        scene.answer(2);
        QVERIFY(isOurs(scene.caller.lastSdp()));
        QVERIFY(audioOf(scene.caller.lastSdp()).isSecure());
    }

    void theRefusalIsTheCallersAtLast()
    {
        DirectScene scene;
        for (std::size_t i = 0; i < scene.dialer.phones.size(); ++i)
            scene.phone(i).events->onReply({488, {}});
        QVERIFY(scene.call->isOver());
        QVERIFY(scene.dialer.phones.size() > 2);
        QCOMPARE(scene.callerLog(), QStringLiteral("488 over"));
    }

    void aForwardToWhoIsRecordedComesHere()
    {
        DirectScene scene(sdpOf(4000), [](Call::Plan& plan) { plan.callee.forwards.busy = "102"; });
        scene.neighbours.recordsAll = true;
        QVERIFY(!isOurs(scene.offered()));
        scene.phone().events->onReply({486, {}});
        QVERIFY(isOurs(scene.offered(1)));
    }

    /// Behind it the media is ours until somebody offers anew.
    void aTransferComesHere()
    {
        DirectScene scene;
        scene.answer();
        scene.phone().events->onRefer({"102", {}});
        QVERIFY(isOurs(scene.offered(1)));
        scene.answer(1, sdpOf(4008));
        QVERIFY(isOurs(scene.caller.lastSdp()));
        scene.caller.events->onReply({200, sdpOf(4000)});
        QVERIFY(!scene.call->isOver());
    }

    /// The phone that rings has been told where the one is who hands over.
    void whoRingsDirectlyIsCalledAnewInATransfer()
    {
        DirectScene scene;
        scene.answer();
        FakePhone ottosOther;
        ottosOther.callId = "second";
        sip::InviteRequest request;
        request.source.address = *Endpoint::parse("127.0.0.1:5070");
        request.sdp = sdpOf(4010);
        Call::Plan plan{8, {"otto", "101", "Otto"}, destinationOf("carl", "102", 1), false};
        letBoth(plan);
        Call second(*scene.environment, plan, request, std::make_unique<FakeSession>(ottosOther));
        second.begin();
        QVERIFY(!isOurs(scene.offered(1)));
        scene.neighbours.other = &second;
        scene.phone().events->onRefer({{}, sip::DialogId{"second", {}, {}}});
        QVERIFY(second.isOver() && scene.phone(1).over && ottosOther.over);
        QVERIFY(isOurs(scene.offered(2)));
        scene.answer(2, sdpOf(4008));
        QVERIFY(isOurs(scene.caller.lastSdp()));
    }

    void noSrtpWhereTheObjectHasNone()
    {
        DirectScene scene(sdpOf(4000, kKey, "RTP/SAVP"), [](Call::Plan& plan) {
            plan.record = true;
            plan.callee.devices.front().owner.srtp = false;
        });
        QVERIFY(!audioOf(scene.offered()).isSecure());
        scene.phone().events->onReply({488, {}});
        QVERIFY(scene.call->isOver()); // and no other protection is tried
    }
};

QTEST_GUILESS_MAIN(TestCallDirect)
#include "tst_call_direct.moc"
