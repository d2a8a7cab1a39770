// SPDX-License-Identifier: GPL-3.0-or-later
// Whole capture files through reader, link layers, IP, TCP and SIP framing into a sink that touches every
// octet.
// links: sr::core_capture sr::core_base
#include "core/capture/packet_decoder.h"
#include "core/capture/packet_reader.h"

#include <cstdlib>

namespace {

class TouchingSink final : public sr::capture::DatagramSink {
public:
    void take(const sr::capture::Datagram& datagram) override
    {
        if (datagram.payload.empty())
            std::abort(); // promised by the decoder
        for (const std::byte byte : datagram.payload)
            m_sum = m_sum * 31 + std::to_integer<unsigned>(byte);
    }
    unsigned sum() const { return m_sum; }

private:
    unsigned m_sum = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace sr::capture;
    sr::MemorySource source(std::as_bytes(std::span(data, size)));
    auto reader = PacketReader::open(source, "fuzz");
    if (!reader)
        return 0;
    TouchingSink sink;
    PacketDecoder decoder(sink);
    CapturedPacket packet;
    while ((*reader)->next(packet)) {
        if (packet.offset >= size || packet.bytes.size() > size)
            std::abort();
        decoder.take(packet);
    }
    decoder.finish();
    const volatile unsigned keep = sink.sum();
    static_cast<void>(keep);
    return 0;
}
