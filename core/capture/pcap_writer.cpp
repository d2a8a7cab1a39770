// SPDX-License-Identifier: GPL-3.0-or-later
// Classic pcap output.
#include "core/capture/pcap_writer.h"

#include "core/capture/udp_frame.h"

#include <array>

namespace sr::capture {
namespace {

constexpr std::size_t kRecord = 16;
} // namespace

Result<PcapWriter> PcapWriter::create(ByteSink& out)
{
    std::array<std::byte, 24> header{};
    storeLe<std::uint32_t>(header.data(), 0xa1b2c3d4);
    storeLe<std::uint16_t>(header.data() + 4, 2);
    storeLe<std::uint16_t>(header.data() + 6, 4);
    storeLe<std::uint32_t>(header.data() + 16, 262144);
    storeLe<std::uint32_t>(header.data() + 20, 1); // Ethernet
    if (auto written = out.write(header); !written)
        return written.error();
    return PcapWriter(out);
}

Status PcapWriter::add(UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload)
{
    if (payload.size() > kMaxUdpPayload)
        return fail(BaseErrc::TooLarge,
                    "datagram of " + std::to_string(payload.size()) + " octets in a pcap");
    Bytes record(kRecord);
    appendUdpFrame(record, from, to, payload);
    return finish(record, time);
}

Status PcapWriter::addFrame(UtcTime time, ByteView frame)
{
    Bytes record(kRecord);
    record.insert(record.end(), frame.begin(), frame.end());
    return finish(record, time);
}

/// The frame stands behind the place of its header.
Status PcapWriter::finish(Bytes& record, UtcTime time)
{
    const auto second = std::chrono::floor<seconds>(time);
    const auto frameBytes = static_cast<std::uint32_t>(record.size() - kRecord);
    storeLe<std::uint32_t>(record.data(), static_cast<std::uint32_t>(second.time_since_epoch().count()));
    storeLe<std::uint32_t>(record.data() + 4, static_cast<std::uint32_t>((time - second).count()));
    storeLe<std::uint32_t>(record.data() + 8, frameBytes);
    storeLe<std::uint32_t>(record.data() + 12, frameBytes);
    return m_out->write(record);
}

} // namespace sr::capture
