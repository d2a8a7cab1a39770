// SPDX-License-Identifier: GPL-3.0-or-later
// What planning and rendering a call's sound cost: 60 s of two-way G.711, beside a bare walk over the same
// packets that copies their payload.
#include "core/codec/call_audio.h"

#include <cstdio>
#include <cstring>
#include <ctime>

namespace {

using namespace sr;

constexpr std::size_t kPackets = 3000; // a party: 60 s of 20 ms
constexpr std::size_t kDatagram = 172;
constexpr int kCalls = 200;

/// Datagrams side by side in memory, as the spool keeps them.
class MemorySource final : public rtp::PacketSource {
public:
    explicit MemorySource(std::uint32_t ssrc)
        : m_bytes(kPackets * kDatagram, std::byte{0x55})
    {
        for (std::size_t i = 0; i < kPackets; ++i) {
            std::byte* const p = m_bytes.data() + i * kDatagram;
            p[0] = std::byte{0x80};
            p[1] = std::byte{8};
            storeBe(p + 2, static_cast<std::uint16_t>(i + 1));
            storeBe(p + 4, static_cast<std::uint32_t>(i * 160 + 99));
            storeBe(p + 8, ssrc);
        }
    }
    Status visit(const Visitor& visitor) const override
    {
        for (std::size_t i = 0; i < kPackets; ++i) {
            const auto jitter = static_cast<std::int64_t>((i * 2654435761U) % 3000); // [us]
            visitor(UtcTime(microseconds(static_cast<std::int64_t>(i) * 20000 + jitter)),
                    ByteView(m_bytes).subspan(i * kDatagram, kDatagram));
        }
        return {};
    }

private:
    Bytes m_bytes;
};

double cpuSeconds()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

codec::CallAudioInput makeCall()
{
    codec::CallAudioInput input;
    for (std::size_t party = 0; party < 2; ++party) {
        rtp::RtpStream stream;
        stream.ssrc = static_cast<std::uint32_t>(party + 1);
        stream.packets = kPackets;
        stream.source = std::make_shared<MemorySource>(stream.ssrc);
        input.party[party].push_back(stream);
    }
    input.end = UtcTime(seconds(60));
    return input;
}

} // namespace

int main()
{
    const codec::CallAudioInput input = makeCall();
    const double perPacket = 1e9 / (2.0 * kPackets * kCalls);
    Bytes out(static_cast<std::size_t>(64) * 1024);
    Bytes copy(2 * kPackets * kDatagram);

    double begin = cpuSeconds();
    for (int i = 0; i < kCalls; ++i) {
        std::size_t at = 0;
        for (const auto& party : input.party) {
            const Status walked = party[0].source->visit([&](UtcTime, ByteView datagram) {
                std::memcpy(copy.data() + at, datagram.data() + 12, datagram.size() - 12);
                at += datagram.size() - 12;
            });
            if (!walked)
                return 1;
        }
    }
    const double bare = (cpuSeconds() - begin) * perPacket;

    double plan = 0;
    double render = 0;
    std::uint64_t frames = 0;
    for (int i = 0; i < kCalls; ++i) {
        begin = cpuSeconds();
        auto audio = codec::CallAudio::open(input);
        if (!audio)
            return 1;
        const double planned = cpuSeconds();
        for (;;) {
            const auto got = (*audio)->readCoded(out);
            if (!got || *got == 0)
                break;
            frames += *got;
        }
        audio = fail(BaseErrc::Cancelled, {}); // freeing belongs to it
        render += cpuSeconds() - planned;
        plan += planned - begin;
    }
    std::printf(
        "call audio, 60 s of G.711 both ways: plan %.1f ns/packet, render %.1f ns/packet, together %.1f; "
        "bare visit and copy %.1f; %.0f x real time\n",
        plan * perPacket, render * perPacket, (plan + render) * perPacket, bare,
        static_cast<double>(frames) / 8000 / (plan + render));
    return 0;
}
