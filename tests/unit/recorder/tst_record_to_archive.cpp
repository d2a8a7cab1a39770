// SPDX-License-Identifier: GPL-3.0-or-later
// A call that is written to a folder, beside the archive and instead of it: what libpcap reads of the file,
// and that an import finds the call that the archive has already.
#include "core/pbx/call_transcript.h"
#include "recorder/pipeline/capture_job.h"
#include "recorder/record_to/record_to.h"
#include "tests/unit/archive/archive_fixture.h"
#include "tests/unit/relay/device.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <pcap/pcap.h>

using namespace sr;
using relay::Side;

namespace {

constexpr std::uint64_t kTag = 7;
constexpr std::size_t kPacket = 160; // 20 ms
const std::string kGuid(32, 'a');

std::string sdpAt(const Endpoint& local)
{
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
           std::to_string(local.port) + " RTP/AVP 8\r\n";
}

struct Scene {
    explicit Scene(bool archived)
    {
        recorder::RecordToOptions options;
        options.dir = path("record-to");
        options.mac = "009033aabbcc";
        options.flushEvery = milliseconds(5);
        room = std::move(*recorder::RecordTo::start(std::move(options)));
        wire = std::make_unique<recorder::ExchangeWire>(*call.relay, room.get());
        recorder::CaptureOptions capture;
        capture.devices.resize(1);
        capture.devices[0].interface = recorder::ExchangeWire::kName;
        capture.linger = milliseconds(100);
        recorder::CaptureEvents events;
        events.recorded = [this](const recorder::CallOutcome&) { ++recorded; };
        job = std::move(*recorder::CaptureJob::start(*archive, capture, wire->opener(), clock, events));
        transcript = std::make_unique<pbx::CallTranscript>(
            *wire, kGuid, 1,
            pbx::CallTranscript::Device{{"Anna", "100", "127.0.0.1"}, *Endpoint::parse("127.0.0.1:5070")},
            pbx::CallTranscript::Device{{"Otto", "101", "127.0.0.1"}, *Endpoint::parse("127.0.0.1:5071")},
            relay::TapDialog{1, kGuid, archived});
    }
    Path path(const char* name) const
    {
        return pathOf(dir.filePath(QString::fromLatin1(name)).toStdString());
    }
    void talk()
    {
        if (!call.connected())
            qFatal("no call");
        transcript->invited(clock.utcNow(), sdpAt(call.local(Side::Caller)));
        transcript->answered(clock.utcNow(), sdpAt(call.local(Side::Callee)));
        if (!transcript->want(kTag, {{utf8Of(path("calls")), "anna"}}))
            qFatal("unwanted");
        wire->media(kTag, call.local(Side::Caller), call.local(Side::Callee));
        call.bridge->setTap(kTag);
        say(0);
        call.bridge->setTap(std::nullopt); // a pause
        transcript->paused(clock.utcNow());
        say(10);
        transcript->resumed(clock.utcNow());
        call.bridge->setTap(kTag);
        say(20);
        transcript->ended(clock.utcNow(), Side::Caller);
        call.bridge->setTap(std::nullopt);
        wire->closed(kTag);
        transcript.reset();
    }
    /// Ten packets of both.
    void say(std::uint16_t first)
    {
        for (std::uint16_t i = first; i < first + 10; ++i) {
            say(call.caller, call.callee, Side::Caller, test::rtpPacket(i, 1, kPacket));
            say(call.callee, call.caller, Side::Callee, test::rtpPacket(i, 2, kPacket));
        }
    }
    void say(test::Device& from, test::Device& to, Side side, Bytes packet)
    {
        packet[1] = std::byte{8}; // PCMA
        from.rtp.send(packet, call.local(side));
        QVERIFY(to.rtp.next().datagram == packet);
    }
    Path file() const { return path("calls") / pathOf(kGuid + "-009033aabbcc-1-anna.pcap"); }
    recorder::ImportReport imported(archive::Archive& into) const
    {
        Progress progress;
        auto outcome = recorder::importCaptures(into, {file()}, {}, progress);
        if (outcome.stopped || !outcome.report.errors.empty())
            qFatal("no import");
        return std::move(outcome.report);
    }

    QTemporaryDir dir;
    SystemClock clock;
    archive::test::Place place;
    std::unique_ptr<archive::Archive> archive = place.open();
    test::Call call;
    std::unique_ptr<recorder::RecordTo> room;
    std::unique_ptr<recorder::ExchangeWire> wire;
    std::atomic<int> recorded{0};
    std::unique_ptr<recorder::CaptureJob> job;
    std::unique_ptr<pbx::CallTranscript> transcript;
};

/// First words of the SIP messages, and how many datagrams are none.
QString byLibpcap(const Path& path)
{
    char message[PCAP_ERRBUF_SIZE];
    pcap_t* const pcap = pcap_open_offline(utf8Of(path).c_str(), message);
    if (pcap == nullptr)
        return QString::fromLatin1(message);
    QStringList words;
    int rest = 0;
    pcap_pkthdr* header = nullptr;
    const unsigned char* data = nullptr;
    int more = 0;
    while ((more = pcap_next_ex(pcap, &header, &data)) == 1) {
        const auto payload = QByteArray(reinterpret_cast<const char*>(data), static_cast<int>(header->caplen))
                                 .mid(42); // Ethernet, IPv4, UDP
        if (payload.contains("Call-ID: "))
            words << QString::fromLatin1(payload.split(payload.startsWith("SIP") ? '\r' : ' ').first());
        else
            ++rest;
    }
    words << QString::number(rest);
    if (more != PCAP_ERROR_BREAK || pcap_datalink(pcap) != DLT_EN10MB)
        words << QString::fromLatin1(pcap_geterr(pcap));
    pcap_close(pcap);
    return words.join(u' ');
}

} // namespace

class TestRecordToArchive : public QObject {
    Q_OBJECT
private slots:
    void besideTheArchive()
    {
        Scene s(true);
        s.talk();
        QTRY_COMPARE(s.recorded.load(), 1);
        QTRY_COMPARE(s.room->state().written, std::uint64_t{1});
        QCOMPARE(byLibpcap(s.file()), QStringLiteral("INVITE SIP/2.0 200 OK ACK INFO INFO BYE 40"));
        const auto again = s.imported(*s.archive);
        QVERIFY(again.recordings.empty());
        QCOMPARE(again.duplicates, std::vector<std::string>{kGuid});
        QCOMPARE(s.archive->page({}, 0, 10)->size(), std::size_t{1});

        const archive::test::Place elsewhere;
        const auto other = elsewhere.open();
        const auto fresh = s.imported(*other);
        QCOMPARE(fresh.recordings.size(), std::size_t{1});
        QCOMPARE(fresh.recordings.front().uid, kGuid);
        const auto one = other->recording(kGuid);
        QVERIFY(one);
        QCOMPARE(one->fingerprint, s.archive->recording(kGuid)->fingerprint);
        QCOMPARE(one->pauses.size(), std::size_t{1});
        QVERIFY((one->lostPackets == std::array<std::uint64_t, 2>{}));
    }

    /// Whose calls are not recorded.
    void insteadOfTheArchive()
    {
        Scene s(false);
        s.talk();
        QTRY_COMPARE(s.room->state().written, std::uint64_t{1});
        const auto imported = s.imported(*s.archive);
        QCOMPARE(imported.recordings.size(), std::size_t{1}); // it was not there
        QVERIFY(imported.duplicates.empty());
        QCOMPARE(s.recorded.load(), 0);
        QCOMPARE(s.imported(*s.archive).duplicates, std::vector<std::string>{kGuid});
    }
};

QTEST_GUILESS_MAIN(TestRecordToArchive)
#include "tst_record_to_archive.moc"
