// SPDX-License-Identifier: GPL-3.0-or-later
// Long calls: an hour of G.722 on both legs stays in step while it is decoded; the plan of four hours is
// small.
#include "tests/support/sanitized.h"
#include "tests/unit/codec/g722_encoder.h"
#include "tests/unit/codec/recorded_call.h"

#include <QTest>

#include <ctime>
#include <fstream>
#include <map>
#include <string>

using namespace sr;
using namespace sr::codec;
using namespace sr::test;

namespace {

#ifdef NDEBUG
constexpr int kCallSeconds = 3600;
#else
constexpr int kCallSeconds = 600; // unoptimised decoding would take minutes
#endif

/// A line of /proc/self/status in MB; 0 where there is none.
double statusMb(const std::string& field)
{
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(field + ":"))
            return std::stod(line.substr(field.size() + 1)) / 1024;
    }
    return 0;
}

double cpuSeconds()
{
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Payloads of the second second of a burst each second: the decoder has settled, so they may be repeated.
std::vector<Bytes> secondOfG722()
{
    std::vector<Bytes> payloads;
    G722Encoder encoder;
    for (int packet = 0; packet < 100; ++packet) {
        std::vector<std::int16_t> wide(320);
        for (std::size_t i = 0; i < wide.size(); ++i)
            wide[i] = burstAt(packet * 20000 + static_cast<std::int64_t>(i) * 125 / 2);
        payloads.push_back(encoder.encode(wide));
    }
    payloads.erase(payloads.begin(), payloads.begin() + 50);
    return payloads;
}

/// Where one party's bursts began: true time [s] to seconds of the output.
std::map<double, double> burstTimes(const std::vector<double>& found, const SimulatedSender& sender)
{
    std::map<double, double> times;
    for (std::size_t k = 0; k < found.size(); ++k)
        times[static_cast<double>(sender.timeOf(k * 8000)) * 1e-6] = found[k];
    return times;
}

/// Makes its packets when it is asked, so that only the plan takes memory.
class EndlessTalk final : public rtp::PacketSource {
public:
    explicit EndlessTalk(std::uint32_t packets)
        : m_packets(packets)
    {}
    Status visit(const Visitor& visitor) const override { return visitRange(0, m_packets, visitor); }
    Status visitRange(std::uint64_t first, std::uint64_t count, const Visitor& visitor) const override
    {
        Bytes datagram = rtpDatagram(8, 0, 0, 1, Bytes(160, std::byte{0x55}));
        for (std::uint64_t n = first; n < std::min<std::uint64_t>(first + count, m_packets); ++n) {
            storeBe(datagram.data() + 2, static_cast<std::uint16_t>(n));
            storeBe(datagram.data() + 4, static_cast<std::uint32_t>(n * 160));
            visitor(UtcTime(microseconds((static_cast<std::int64_t>(n) + 1) * 20000)), datagram);
        }
        return {};
    }

private:
    std::uint32_t m_packets;
};

} // namespace

class CallLongTest : public QObject {
    Q_OBJECT

private slots:
    void theFourHourPlanIsSmall() // first: the peak counts from the start of the program
    {
        constexpr std::uint32_t kPackets = 4 * 3600 * 50;
        CallAudioInput input;
        for (std::size_t party = 0; party < 2; ++party) {
            rtp::RtpStream stream;
            stream.ssrc = static_cast<std::uint32_t>(party + 1);
            stream.packets = kPackets;
            stream.source = std::make_shared<EndlessTalk>(kPackets);
            input.party[party].push_back(stream);
        }
        const double before = statusMb("VmRSS");
        auto audio = CallAudio::open(std::move(input));
        QVERIFY(audio);
        QVERIFY((*audio)->info().frames >= 4ULL * 3600 * 8000);
        Bytes block(2 * 8000 * 60);
        const auto got = (*audio)->readCoded(block);
        QVERIFY(got && *got == 8000 * 60);
        const double peak = statusMb("VmHWM") - before;
        qInfo("plan of a 4 h call and its first minute: at most %.1f MB, %.1f MB stay", peak,
              statusMb("VmRSS") - before);
        if (!kIsSanitized)
            QVERIFY2(peak < 150, qPrintable(QString::number(peak)));
    }

    void anHourOfG722StaysInStep()
    {
        const std::vector<Bytes> second = secondOfG722();
        CallAudioInput input;
        std::array<SimulatedSender, 2> senders{SimulatedSender(1), SimulatedSender(2)};
        senders[0].skewPpm = 300;
        senders[1].skewPpm = -300;
        for (std::size_t party = 0; party < 2; ++party) {
            SimulatedSender& sender = senders[party];
            sender.jitter = 80000;
            sender.talk(kCallSeconds);
            input.party[party].push_back(
                makeStream(sender.packets(), 9, static_cast<std::uint32_t>(party + 1),
                           [&](const SentPacket& packet) { return second[packet.sample / 160 % 50]; }));
        }
        const double began = cpuSeconds();
        auto audio = CallAudio::open(std::move(input));
        QVERIFY(audio);
        QCOMPARE((*audio)->info().format, (AudioFormat{SampleCoding::Pcm16, 16000, 2}));
        std::array<std::vector<double>, 2> found;
        std::array<std::uint64_t, 2> quiet{100000, 100000};
        std::uint64_t frame = 0;
        std::vector<std::int16_t> block(2 * 16000);
        for (;;) {
            const auto got = (*audio)->readPcm(block);
            QVERIFY(got);
            if (*got == 0)
                break;
            for (std::size_t i = 0; i < 2 * *got; ++i) {
                const std::size_t party = i % 2;
                if (std::abs(int{block[i]}) <= 3000) {
                    ++quiet[party];
                    continue;
                }
                if (quiet[party] >= 1600)
                    found[party].push_back(static_cast<double>(frame + i / 2) / 16000);
                quiet[party] = 0;
            }
            frame += *got;
        }
        const double cpu = cpuSeconds() - began;
        QCOMPARE(frame, (*audio)->info().frames);
        QCOMPARE(found[0].size(), std::size_t{kCallSeconds});
        QCOMPARE(found[1].size(), std::size_t{kCallSeconds});
        const auto left = burstTimes(found[0], senders[0]);
        const auto right = burstTimes(found[1], senders[1]);
        double worst = 0;
        for (const auto& [truth, place] : right) {
            const auto next = left.lower_bound(truth);
            if (next == left.begin() || next == left.end())
                continue;
            const auto last = std::prev(next);
            const double share = (truth - last->first) / (next->first - last->first);
            const double expected = last->second + share * (next->second - last->second);
            worst = std::max(worst, std::abs(place - expected) * 1000);
        }
        qInfo("%d s of G.722 both ways: %.1f s of CPU, at most %.1f ms apart", kCallSeconds, cpu, worst);
        QVERIFY2(worst < 20, qPrintable(QString::number(worst)));
#ifdef NDEBUG
        if (!kIsSanitized)
            QVERIFY2(cpu < 20, qPrintable(QString::number(cpu)));
#endif
    }
};

QTEST_GUILESS_MAIN(CallLongTest)
#include "tst_call_long.moc"
