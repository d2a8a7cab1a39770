// SPDX-License-Identifier: GPL-3.0-or-later
// A capture of many calls at once, written forward in small memory: each tick of 20 ms sends one packet a
// talking side.
#include "core/capture/pcap_writer.h"
#include "tests/support/capture_builder.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace sr::test {
namespace {

/// Collects writes, because the pcap writer hands over every packet by itself.
class BufferedSink final : public ByteSink {
public:
    explicit BufferedSink(File& file)
        : m_file(file)
    {}
    Status write(ByteView bytes) override
    {
        m_buffer.insert(m_buffer.end(), bytes.begin(), bytes.end());
        return m_buffer.size() < (1U << 20) ? Status{} : flush();
    }
    Status flush()
    {
        auto written = m_file.write(m_buffer);
        m_buffer.clear();
        return written;
    }

private:
    File& m_file;
    Bytes m_buffer;
};

/// Signalling of one call by itself; its media is written by the clock below.
CallPlan planOf(unsigned call, UtcTime start, double talkSeconds)
{
    CallPlan plan = usualCall(start);
    plan.callId = "many-" + std::to_string(call) + "@test";
    plan.ringSeconds = 0;
    plan.talkSeconds = talkSeconds;
    plan.caller.number = std::to_string(100 + call % 900);
    plan.callee.number = "0711" + std::to_string(1'000'000 + call);
    const auto port = static_cast<std::uint16_t>(10'000 + 2 * (call % 20'000));
    plan.caller.media = {IpAddress::v4(0x0a010000U + call / 20'000), port};
    plan.callee.media = {IpAddress::v4(0x0a020000U + call / 20'000), port};
    plan.caller.mutes = plan.callee.mutes = {{0, talkSeconds + 1}};
    return plan;
}

} // namespace

std::uint64_t writeManyCalls(const Path& path, unsigned calls, double talkSeconds, double startEverySeconds)
{
    auto file = File::open(path, OpenMode::ReadWrite);
    if (!file || !(*file)->truncate(0))
        throw std::runtime_error("cannot write " + utf8Of(path));
    BufferedSink sink(**file);
    auto writer = capture::PcapWriter::create(sink);
    const UtcTime begin = usualCall().start;
    struct Sip {
        UtcTime time;
        Endpoint from, to;
        std::string text;
    };
    std::vector<Sip> signalling;
    std::vector<CallPlan> plans;
    for (unsigned call = 0; call < calls; ++call) {
        const auto offset = microseconds(static_cast<std::int64_t>(call * startEverySeconds * 1e6));
        plans.push_back(planOf(call, begin + offset, talkSeconds));
        CaptureBuilder one;
        one.addCall(plans.back());
        one.visit([&](UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload) {
            signalling.push_back({time, from, to, std::string(textOf(payload))});
        });
    }
    std::ranges::stable_sort(signalling, {}, &Sip::time);

    Bytes packet(172);
    packet[0] = std::byte{0x80};
    packet[1] = std::byte{8};
    std::uint64_t written = 0;
    std::size_t nextSip = 0;
    std::size_t first = 0; // calls before it are over
    const microseconds tick(20'000);
    for (UtcTime now = begin; nextSip < signalling.size(); now += tick) {
        for (; nextSip < signalling.size() && signalling[nextSip].time <= now; ++nextSip, ++written) {
            const Sip& sip = signalling[nextSip];
            if (!writer->add(sip.time, sip.from, sip.to, bytesOf(sip.text)))
                throw std::runtime_error("cannot write " + utf8Of(path));
        }
        for (std::size_t call = first; call < plans.size() && plans[call].start <= now; ++call) {
            const UtcTime answer = plans[call].start + milliseconds(100);
            const auto n = (now - answer) / tick; // packets since the answer
            if (n < 1)
                continue;
            if (static_cast<double>(n) * 0.02 >= talkSeconds) {
                first = std::max(first, call + (call == first ? 1 : 0));
                continue;
            }
            storeBe(packet.data() + 2, static_cast<std::uint16_t>(n));
            storeBe(packet.data() + 4, static_cast<std::uint32_t>(n * 160));
            for (std::size_t i = 12; i < packet.size(); ++i)
                packet[i] = static_cast<std::byte>(
                    0xd5U ^ ((static_cast<std::size_t>(n) * 31 + i * 7 + call) & 0x7fU));
            for (const bool fromCaller : {true, false}) {
                const CallSide& from = fromCaller ? plans[call].caller : plans[call].callee;
                const CallSide& to = fromCaller ? plans[call].callee : plans[call].caller;
                storeBe(packet.data() + 8, static_cast<std::uint32_t>(call * 2 + (fromCaller ? 1 : 2)));
                if (!writer->add(now + microseconds(fromCaller ? 1 : 2), from.media, to.media, packet))
                    throw std::runtime_error("cannot write " + utf8Of(path));
                ++written;
            }
        }
    }
    if (!sink.flush())
        throw std::runtime_error("cannot write " + utf8Of(path));
    return written;
}

} // namespace sr::test
