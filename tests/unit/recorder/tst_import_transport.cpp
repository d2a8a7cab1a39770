// SPDX-License-Identifier: GPL-3.0-or-later
// Whole imports over every link layer and transport, behind NAT, and of dialogs that fork, are cancelled,
// challenged or transferred: a recording each as expected.
#include "tests/unit/recorder/imported_scene.h"

#include <QTest>

using namespace sr;
using namespace sr::test;
using capture::test::request;
using capture::test::response;
using capture::test::sdp;

namespace {

constexpr std::size_t kPart = 400; // [octets] of a fragment or segment; divisible by 8

struct Wire {
    Framing framing;
    std::uint32_t linkType = 1;
    bool v6 = false;
};

/// 10.0.0.x as 2001:db8::x.
Endpoint v6(Endpoint endpoint)
{
    const auto host = static_cast<unsigned>(endpoint.address.octets[15]);
    return at(("2001:db8::" + std::to_string(host)).c_str(), endpoint.port);
}

Bytes ipOf(const SceneEvent& event)
{
    return udpPacket(event.from, event.to, event.payload);
}

std::vector<Bytes> fragmented(const Endpoint& from, const Endpoint& to, const SceneEvent& event)
{
    const unsigned type = from.address.isV4() ? 0x0800 : 0x86dd;
    const Bytes whole = udp(from, to, event.payload);
    static std::uint32_t id = 1;
    ++id;
    std::vector<Bytes> frames;
    for (std::size_t begin = 0; begin < whole.size(); begin += kPart) {
        const std::size_t end = std::min(begin + kPart, whole.size());
        const Bytes part(whole.begin() + static_cast<std::ptrdiff_t>(begin),
                         whole.begin() + static_cast<std::ptrdiff_t>(end));
        frames.push_back(
            ethernet(type, fragment(from.address, to.address, 17, id, begin, end < whole.size(), part)));
    }
    std::reverse(frames.begin(), frames.end()); // the last first, as some networks do
    return frames;
}

/// SIP in small segments of one connection for each direction, media by UDP.
Framing tcpFraming(bool reversedSegments)
{
    auto next = std::make_shared<std::map<std::pair<Endpoint, Endpoint>, std::uint32_t>>();
    return [=](const SceneEvent& event) -> std::vector<Bytes> {
        if (!event.sip)
            return plainEthernet(event);
        std::uint32_t& sequence = (*next)[{event.from, event.to}];
        std::vector<Bytes> frames;
        if (sequence == 0) {
            sequence = 0xffffff00U; // wraps around in the first message
            frames.push_back(ethernet(0x0800, tcpPacket(event.from, event.to, sequence - 1, 0x02, {})));
        }
        const std::size_t kept = frames.size();
        for (std::size_t begin = 0; begin < event.payload.size(); begin += kPart) {
            const std::size_t end = std::min(begin + kPart, event.payload.size());
            const Bytes part(event.payload.begin() + static_cast<std::ptrdiff_t>(begin),
                             event.payload.begin() + static_cast<std::ptrdiff_t>(end));
            frames.push_back(ethernet(0x0800, tcpPacket(event.from, event.to, sequence, 0x18, part)));
            sequence += static_cast<std::uint32_t>(part.size());
        }
        if (reversedSegments)
            std::reverse(frames.begin() + static_cast<std::ptrdiff_t>(kept), frames.end());
        return frames;
    };
}

Wire wireNamed(const QByteArray& name)
{
    const auto prefixed = [](const char* before) {
        return [=](const SceneEvent& e) { return std::vector<Bytes>{hex(before) + ipOf(e)}; };
    };
    if (name == "VLAN")
        return {[](const SceneEvent& e) {
            return std::vector<Bytes>{ethernet(0x8100, hex("0064 0800") + ipOf(e))};
        }};
    if (name == "VLAN in VLAN")
        return {[](const SceneEvent& e) {
            return std::vector<Bytes>{ethernet(0x88a8, hex("0064 8100 0065 0800") + ipOf(e))};
        }};
    if (name == "Linux cooked")
        return {prefixed("0000 0001 0006 020000000001 0000 0800"), 113};
    if (name == "Linux cooked 2")
        return {prefixed("0800 0000 00000002 0001 00 06 020000000001 0000"), 276};
    if (name == "raw IP")
        return {[](const SceneEvent& e) { return std::vector<Bytes>{ipOf(e)}; }, 101};
    if (name == "loopback")
        return {prefixed("02000000"), 0};
    if (name == "IP in IP")
        return {[](const SceneEvent& e) {
            return std::vector<Bytes>{ethernet(
                0x0800, ipPacket(at("192.0.2.1", 0).address, at("192.0.2.2", 0).address, 4, ipOf(e)))};
        }};
    if (name == "IPv6")
        return {[](const SceneEvent& e) {
                    return std::vector<Bytes>{ethernet(0x86dd, udpPacket(v6(e.from), v6(e.to), e.payload))};
                },
                1, true};
    if (name == "IPv4 fragments")
        return {[](const SceneEvent& e) { return fragmented(e.from, e.to, e); }};
    if (name == "IPv6 fragments")
        return {[](const SceneEvent& e) { return fragmented(v6(e.from), v6(e.to), e); }, 1, true};
    if (name == "SIP over TCP")
        return {tcpFraming(false)};
    if (name == "SIP over TCP, segments reversed")
        return {tcpFraming(true)};
    return {plainEthernet};
}

VoiceRun voiceOf(const std::string& from, const std::string& to, double begin, double end, std::uint32_t ssrc)
{
    return {.from = from, .to = to, .begin = begin, .end = end, .ssrc = ssrc};
}

bool hasStep(const archive::Recording& recording, const std::string& kind)
{
    return std::ranges::any_of(recording.flow, [&](const auto& step) { return step.kind == kind; });
}

} // namespace

class ImportTransportTest : public QObject {
    Q_OBJECT

private slots:
    void everyWireCarriesTheCall_data()
    {
        QTest::addColumn<QByteArray>("name");
        for (const char* name : {"Ethernet", "VLAN", "VLAN in VLAN", "Linux cooked", "Linux cooked 2",
                                 "raw IP", "loopback", "IP in IP", "IPv6", "IPv4 fragments", "IPv6 fragments",
                                 "SIP over TCP", "SIP over TCP, segments reversed"})
            QTest::newRow(name) << QByteArray(name);
    }
    void everyWireCarriesTheCall()
    {
        QFETCH(QByteArray, name);
        const Wire wire = wireNamed(name);
        const auto description = [&](int host, int port) {
            std::string text = sdp("10.0.0." + std::to_string(host), port);
            if (wire.v6) {
                const std::string four = "IP4 10.0.0." + std::to_string(host);
                for (auto found = text.find(four); found != std::string::npos; found = text.find(four))
                    text.replace(found, four.size(), "IP6 2001:db8::" + std::to_string(host));
            }
            return text + "a=x-filler:" + std::string(600, 'x') + "\r\n"; // so that it is cut
        };
        Scene scene;
        scene.call(11, description(1, 4000), description(2, 5000));
        scene.voice(voiceOf(kCallerMedia, kCalleeMedia, 1, 11, 1));
        scene.voice(voiceOf(kCalleeMedia, kCallerMedia, 1, 11, 2));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap(wire.framing, wire.linkType));
        QVERIFY(report.errors.empty());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const archive::RecordingRow& row = report.recordings[0];
        QCOMPARE(row.internal, std::string("100"));
        QCOMPARE(row.external, std::string("200"));
        QVERIFY(hasStep(archive.recording(row), "bye"));
        const auto sound = archive.sound(row);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 10));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 10));
    }

    void mediaComesFromAnotherAddressThanTheSdpSays()
    {
        // The caller sits behind NAT: its SDP names an address that no packet carries.
        Scene scene;
        const char* outside = "203.0.113.7:5060";
        const std::string callee = Scene::kCallee;
        scene.sip(0, outside, callee, request("INVITE").with(sdp("192.168.1.5", 4000)));
        scene.sip(1, callee, outside, response(200).tt().with(sdp("10.0.0.2", 5000)));
        scene.sip(1.01, outside, callee, request("ACK").tt());
        scene.sip(21, outside, callee, request("BYE", 2).tt());
        scene.sip(21.1, callee, outside, response(200, "BYE", 2).tt());
        scene.voice(voiceOf("203.0.113.7:41000", kCalleeMedia, 1, 21, 1));
        scene.voice(voiceOf(kCalleeMedia, "203.0.113.7:41000", 1, 21, 2));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        const auto sound = archive.sound(report.recordings[0]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20));
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
    }

    void theForkThatAnsweredIsRecorded()
    {
        Scene scene;
        scene.sip(0, Scene::kCaller, "10.0.0.5", request("INVITE").with(sdp("10.0.0.1", 4000)));
        scene.sip(0.2, "10.0.0.5", Scene::kCaller, response(183).tt("tb").with(sdp("10.0.0.2", 5000)));
        scene.sip(0.3, "10.0.0.5", Scene::kCaller, response(180).tt("tc"));
        scene.sip(3, "10.0.0.5", Scene::kCaller, response(200).tt("tc").with(sdp("10.0.0.3", 5100)));
        scene.sip(3.01, Scene::kCaller, "10.0.0.5", request("ACK").tt("tc"));
        scene.sip(21, Scene::kCaller, "10.0.0.5", request("BYE", 2).tt("tc"));
        scene.sip(21.1, "10.0.0.5", Scene::kCaller, response(200, "BYE", 2).tt("tc"));
        VoiceRun announcement = voiceOf(kCalleeMedia, kCallerMedia, 0.3, 2.9, 8); // the fork that lost
        announcement.sound = steadyTone(440);
        scene.voice(announcement);
        scene.voice(voiceOf("10.0.0.3:5100", kCallerMedia, 3, 21, 9));
        scene.voice(voiceOf(kCallerMedia, "10.0.0.3:5100", 3, 21, 7));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        QVERIFY(report.unanswered.empty());
        const auto sound = archive.sound(report.recordings[0]); // begins at 3 s
        std::vector<int> expected = secondsFrom(1, 18);
        NO_WRONG_BURSTS(sound, 0, 8000, expected);
        NO_WRONG_BURSTS(sound, 1, 8000, expected);
        QVERIFY(hasStep(archive.recording(report.recordings[0]), "early-media"));
    }

    void aCancelledCallIsACallWithoutAudio()
    {
        Scene scene;
        scene.sip(0, Scene::kCaller, Scene::kCallee, request("INVITE").with(sdp("10.0.0.1", 4000)));
        scene.sip(0.2, Scene::kCallee, Scene::kCaller, response(180).tt());
        scene.sip(5.2, Scene::kCaller, Scene::kCallee, request("CANCEL"));
        scene.sip(5.3, Scene::kCallee, Scene::kCaller, response(200, "CANCEL").tt());
        scene.sip(5.4, Scene::kCallee, Scene::kCaller, response(487).tt());
        scene.sip(5.5, Scene::kCaller, Scene::kCallee, request("ACK").tt());
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{0});
        QCOMPARE(report.unanswered.size(), std::size_t{1});
        QVERIFY(!report.unanswered[0].answered);
        QCOMPARE(report.unanswered[0].answerSeconds, 5U);
        const archive::Recording recording = archive.recording(report.unanswered[0]);
        QVERIFY(hasStep(recording, "cancel"));
        QCOMPARE(recording.finalStatus, 487);
        QCOMPARE(recording.format, archive::MediaFormat::None);
    }

    void aChallengedCallIsOneRecording()
    {
        Scene scene;
        scene.sip(-1, Scene::kCaller, Scene::kCallee, request("INVITE").with(sdp("10.0.0.1", 4000)));
        scene.sip(-0.9, Scene::kCallee, Scene::kCaller, response(401).tt("tx"));
        scene.sip(-0.8, Scene::kCaller, Scene::kCallee, request("ACK").tt("tx"));
        scene.sip(0, Scene::kCaller, Scene::kCallee,
                  request("INVITE", 2)
                      .branch("z9hG4bK-2")
                      .header("Authorization: Digest username=\"100\"")
                      .with(sdp("10.0.0.1", 4000)));
        scene.sip(1, Scene::kCallee, Scene::kCaller,
                  response(200, "INVITE", 2).branch("z9hG4bK-2").tt().with(sdp("10.0.0.2", 5000)));
        scene.sip(1.01, Scene::kCaller, Scene::kCallee, request("ACK", 2).tt());
        scene.sip(11, Scene::kCaller, Scene::kCallee, request("BYE", 3).tt());
        scene.voice(voiceOf(kCallerMedia, kCalleeMedia, 1, 11, 1));
        scene.voice(voiceOf(kCalleeMedia, kCallerMedia, 1, 11, 2));
        SceneArchive archive;
        const auto report = archive.import(scene.pcap());
        QCOMPARE(report.recordings.size(), std::size_t{1});
        QVERIFY(report.unanswered.empty());
        QVERIFY(hasStep(archive.recording(report.recordings[0]), "challenge"));
        NO_WRONG_BURSTS(archive.sound(report.recordings[0]), 0, 8000, secondsFrom(1, 10));
    }

    void aTransferIsTwoRecordings()
    {
        Scene scene; // 100 sends 200 on to 300
        scene.call(11);
        scene.voice(voiceOf(kCallerMedia, kCalleeMedia, 1, 10.5, 1));
        scene.voice(voiceOf(kCalleeMedia, kCallerMedia, 1, 10.5, 2));
        scene.sip(10.5, Scene::kCaller, Scene::kCallee,
                  request("REFER", 5).tt().header("Refer-To: <sip:300@pbx.example>"));
        scene.sip(10.6, Scene::kCallee, Scene::kCaller, response(202, "REFER", 5).tt());
        const std::string third = "10.0.0.3";
        const auto referred = [](const capture::test::Sip& sip) {
            return sip.call("call-2").from("<sip:200@pbx.example>").to("<sip:300@pbx.example>");
        };
        scene.sip(10.7, Scene::kCallee, third,
                  referred(request("INVITE", 1, "sip:300@pbx.example").with(sdp("10.0.0.2", 5002))));
        scene.sip(12, third, Scene::kCallee, referred(response(200).tt().with(sdp("10.0.0.3", 7000))));
        scene.sip(12.1, Scene::kCallee, third, referred(request("ACK").tt()));
        scene.sip(32, Scene::kCallee, third, referred(request("BYE", 2).tt()));
        scene.voice(voiceOf("10.0.0.2:5002", "10.0.0.3:7000", 12, 32, 3));
        scene.voice(voiceOf("10.0.0.3:7000", "10.0.0.2:5002", 12, 32, 4));
        SceneArchive archive;
        recorder::ImportOptions options;
        options.internalPattern = "?00";
        const auto report = archive.import(scene.pcap(), options);
        QCOMPARE(report.recordings.size(), std::size_t{2});
        const archive::Recording first = archive.recording(report.recordings[0]);
        QVERIFY(hasStep(first, "refer"));
        QVERIFY(std::ranges::any_of(first.flow, [](const auto& step) {
            return step.kind == "refer" && step.detail.find("300") != std::string::npos;
        }));
        QCOMPARE(report.recordings[1].internal, std::string("300")); // equal length: the called party
        QCOMPARE(report.recordings[1].external, std::string("200"));
        const auto sound = archive.sound(report.recordings[1]);
        NO_WRONG_BURSTS(sound, 0, 8000, secondsFrom(1, 20)); // 12 s is its first second
        NO_WRONG_BURSTS(sound, 1, 8000, secondsFrom(1, 20));
    }

    void cutMediaIsNoWholeSound()
    {
        Scene scene;
        scene.call(6).voice(caller(1, 6));
        const Bytes whole = scene.pcap();
        constexpr std::size_t kFileHeader = 24;
        constexpr std::size_t kHeader = 16;
        constexpr std::size_t kSnap = 14 + 20 + 8 + 12 + 80; // half of the payload
        Bytes cut(whole.begin(), whole.begin() + kFileHeader);
        for (std::size_t at = kFileHeader; at < whole.size();) {
            const auto length = loadLe<std::uint32_t>(whole.data() + at + 8);
            const bool media = length == 14 + 20 + 8 + 12 + 160;
            Bytes record(whole.begin() + static_cast<std::ptrdiff_t>(at),
                         whole.begin() +
                             static_cast<std::ptrdiff_t>(at + kHeader + (media ? kSnap : length)));
            storeLe(record.data() + 8, static_cast<std::uint32_t>(record.size() - kHeader));
            cut.insert(cut.end(), record.begin(), record.end());
            at += kHeader + length;
        }
        SceneArchive archive;
        const auto report = archive.import(cut);
        QCOMPARE(report.recordings.size(), std::size_t{1});
        QCOMPARE(report.stats.cut, std::uint64_t{250});
        QCOMPARE(archive.recording(report.recordings[0]).lostPackets[0], std::uint64_t{250});
        QCOMPARE(archive.recording(report.recordings[0]).lostPackets[1], std::uint64_t{0});
    }
};

QTEST_GUILESS_MAIN(ImportTransportTest)
#include "tst_import_transport.moc"
