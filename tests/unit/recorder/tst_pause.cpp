// SPDX-License-Identifier: GPL-3.0-or-later
// A call of the exchange whose recording pauses, or is marked: through relay, wire and capture into the
// archive, where what was said meanwhile is silence with a mark, not loss.
#include "core/codec/audio_file.h"
#include "core/codec/g711.h"
#include "core/pbx/call_transcript.h"
#include "recorder/pipeline/capture_job.h"
#include "recorder/pipeline/exchange_wire.h"
#include "tests/unit/archive/archive_fixture.h"
#include "tests/unit/relay/device.h"

#include <QTest>

#include <cmath>
#include <numbers>

using namespace sr;
using relay::Side;

namespace {

constexpr std::uint32_t kRate = 8000;
constexpr std::size_t kPacket = 160; // 20 ms
constexpr std::uint64_t kTag = 7;

/// A tone that goes on from packet to packet.
Bytes tonePacket(std::uint16_t sequence, std::uint32_t ssrc)
{
    Bytes packet = test::rtpPacket(sequence, ssrc, kPacket);
    packet[1] = std::byte{8}; // PCMA
    for (std::size_t i = 0; i < kPacket; ++i) {
        const double angle = 2 * std::numbers::pi * 400 * static_cast<double>(sequence * kPacket + i) / kRate;
        packet[12 + i] =
            codec::encodeG711(codec::Law::A, static_cast<std::int16_t>(std::lround(9000 * std::sin(angle))));
    }
    return packet;
}

std::string sdpAt(const Endpoint& local)
{
    return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio " +
           std::to_string(local.port) + " RTP/AVP 8\r\n";
}

/// A call as pbx::Call has it recorded.
struct RecordedCall {
    SystemClock clock;
    archive::test::Place place;
    std::unique_ptr<archive::Archive> archive = place.open();
    test::Call call;
    recorder::ExchangeWire wire{*call.relay};
    std::atomic<int> recorded{0};
    std::unique_ptr<recorder::CaptureJob> job;
    pbx::CallTranscript transcript{wire,
                                   std::string(32, 'a'),
                                   1,
                                   {{"Anna", "100", "127.0.0.1"}, *Endpoint::parse("127.0.0.1:5070")},
                                   {{"Otto", "101", "127.0.0.1"}, *Endpoint::parse("127.0.0.1:5071")}};
    std::uint16_t sequence = 0;
    milliseconds late{0}; ///< what is behind the talks so far, against their sound

    bool begin()
    {
        recorder::CaptureOptions options;
        options.devices.resize(1);
        options.devices[0].interface = recorder::ExchangeWire::kName;
        options.linger = milliseconds(100);
        recorder::CaptureEvents events;
        events.recorded = [this](const recorder::CallOutcome&) { ++recorded; };
        auto started = recorder::CaptureJob::start(*archive, options, wire.opener(), clock, events);
        if (!started || !call.connected())
            return false;
        job = std::move(*started);
        transcript.invited(clock.utcNow(), sdpAt(call.local(Side::Caller)));
        transcript.answered(clock.utcNow(), sdpAt(call.local(Side::Callee)));
        wire.media(kTag, call.local(Side::Caller), call.local(Side::Callee));
        call.bridge->setTap(kTag);
        return true;
    }
    /// In real time, for the pause is where the clock says that it is. What was sent has been copied.
    void talk(int packets)
    {
        auto next = std::chrono::steady_clock::now();
        for (int i = 0; i < packets; ++i) {
            const Bytes callers = tonePacket(sequence, 1);
            const Bytes callees = tonePacket(sequence, 2);
            call.caller.rtp.send(callers, call.local(Side::Caller));
            call.callee.rtp.send(callees, call.local(Side::Callee));
            QVERIFY(call.callee.rtp.next().datagram == callers && call.caller.rtp.next().datagram == callees);
            ++sequence;
            next += milliseconds(20);
            std::this_thread::sleep_until(next);
        }
        late += std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - next);
    }
    void pause()
    {
        call.bridge->setTap(std::nullopt);
        transcript.paused(clock.utcNow());
    }
    void resume()
    {
        transcript.resumed(clock.utcNow());
        call.bridge->setTap(kTag);
    }
    bool end()
    {
        transcript.ended(clock.utcNow(), Side::Caller);
        call.bridge->setTap(std::nullopt);
        wire.closed(kTag);
        return QTest::qWaitFor([this] { return recorded == 1; }, 20'000);
    }
    archive::Recording recording() const
    {
        const auto rows = archive->page({}, 0, 10);
        return rows && rows->size() == 1 ? archive->recording(rows->front().uid).valueOr({})
                                         : archive::Recording();
    }
    /// Frame by frame, the louder channel.
    std::vector<int> loudness() const
    {
        auto reader = codec::openAudio(std::move(*archive->openAudio(recording().uid)));
        std::vector<int> out;
        std::vector<std::int16_t> block(4096);
        for (;;) {
            const auto got = (*reader)->read(block);
            if (!got || *got == 0)
                return out;
            for (std::size_t i = 0; i < *got; ++i)
                out.push_back(std::max(std::abs(int{block[2 * i]}), std::abs(int{block[2 * i + 1]})));
        }
    }
};

/// The longest run of frames without sound: where it begins and how long it is.
std::pair<std::size_t, std::size_t> longestSilence(const std::vector<int>& loudness)
{
    constexpr int kSilent = 100;
    constexpr std::size_t kShort = 16; // the tone passes zero
    std::pair<std::size_t, std::size_t> longest;
    std::size_t begun = 0;
    for (std::size_t at = 0; at <= loudness.size(); ++at) {
        if (at < loudness.size() && loudness[at] <= kSilent)
            continue;
        if (at - begun > std::max(longest.second, kShort))
            longest = {begun, at - begun};
        begun = at + 1;
    }
    return longest;
}

bool isNear(std::uint64_t a, std::uint64_t b, std::uint64_t most)
{
    return a > b ? a - b <= most : b - a <= most;
}

} // namespace

class PauseTest : public QObject {
    Q_OBJECT

private slots:
    void aPauseIsSilenceWithAMark()
    {
        RecordedCall scene;
        QVERIFY(scene.begin());
        scene.talk(40);
        scene.pause();
        scene.talk(50);
        scene.resume();
        scene.talk(40);
        QVERIFY(scene.end());
        const archive::Recording recording = scene.recording();
        QCOMPARE(recording.pauses.size(), std::size_t{1});
        const auto [frame, frames] = recording.pauses[0];
        QCOMPARE(recording.sampleRate, kRate);
        const auto slack = (60 + static_cast<std::uint64_t>(scene.late.count())) * kRate / 1000;
        QVERIFY2(isNear(frames, kRate, slack),
                 QByteArray::number(static_cast<qulonglong>(frames)).constData());
        const auto [silent, length] = longestSilence(scene.loudness());
        QVERIFY2(isNear(silent, frame, slack) && isNear(length, frames, slack),
                 (QByteArray::number(static_cast<qulonglong>(silent)) + " for " +
                  QByteArray::number(static_cast<qulonglong>(length)) + ", marked " +
                  QByteArray::number(static_cast<qulonglong>(frame)) + " for " +
                  QByteArray::number(static_cast<qulonglong>(frames)))
                     .constData());
        QVERIFY((recording.lostPackets == std::array<std::uint64_t, 2>{}));
        QStringList steps;
        for (const archive::FlowStep& step : recording.flow)
            steps << QString::fromStdString(step.kind);
        QCOMPARE(steps.join(u' '), QStringLiteral("invite answer pause resume bye"));
    }

    /// Of a call that its parties want to be kept.
    void aMarkStandsInTheSidecar()
    {
        RecordedCall scene;
        QVERIFY(scene.begin());
        scene.talk(20);
        scene.transcript.marked(scene.clock.utcNow(), Side::Callee);
        scene.talk(20);
        QVERIFY(scene.end());
        const archive::Recording recording = scene.recording();
        QCOMPARE(recording.marks.size(), std::size_t{1});
        QCOMPARE(recording.marks[0].party, std::string("internal")); // the called one
        QVERIFY(recording.marks[0].time > recording.start + milliseconds(300) &&
                recording.marks[0].time < recording.start + milliseconds(recording.durationMs));
        QVERIFY(std::ranges::any_of(recording.flow, [](const auto& step) { return step.kind == "mark"; }));
        QVERIFY(recording.pauses.empty());
    }

    void aPauseThatLastsToTheEnd()
    {
        RecordedCall scene;
        QVERIFY(scene.begin());
        scene.talk(30);
        scene.pause();
        scene.talk(30);
        QVERIFY(scene.end());
        const archive::Recording recording = scene.recording();
        QCOMPARE(recording.pauses.size(), std::size_t{1});
        QCOMPARE(recording.pauses[0].frame + recording.pauses[0].frames, recording.frames);
        QVERIFY(recording.pauses[0].frames > kRate / 2);
    }
};

QTEST_GUILESS_MAIN(PauseTest)
#include "tst_pause.moc"
