// SPDX-License-Identifier: GPL-3.0-or-later
// Classic pcap records (draft-ietf-opsawg-pcap). The header's snapshot length is not believed: many writers
// put less there than they capture.
#include "core/capture/pcap_reader.h"

namespace sr::capture {
namespace {

/// Has the headers of a record some records ahead fetched from main memory, taking them to be as long as this
/// one; octets of sound are not looked at here. Always inline, because GCC drops calls that give nothing
/// back.
[[gnu::always_inline]] inline void fetchAhead(ByteView rest, std::size_t at, std::size_t whole) noexcept
{
    constexpr std::size_t kRecords = 16;
    constexpr std::size_t kHeaders = 16 + 14 + 20 + 8 + 12; // record, Ethernet, IPv4, UDP, RTP
    const std::size_t there = at + kRecords * whole;
    if (rest.size() < there + kHeaders)
        return;
    __builtin_prefetch(rest.data() + there);
    __builtin_prefetch(rest.data() + there + kHeaders - 1);
}

} // namespace

std::optional<PcapForm> PcapReader::formOf(std::span<const std::byte, 4> magic)
{
    for (const bool big : {false, true}) {
        switch (big ? loadBe<std::uint32_t>(magic.data()) : loadLe<std::uint32_t>(magic.data())) {
        case 0xa1b2c3d4:
            return PcapForm{big, false, 24, 16};
        case 0xa1b23c4d:
            return PcapForm{big, true, 24, 16};
        case 0xa1b2cd34: // "modified" by Kuznetzov: interface index, protocol and packet type follow
            return PcapForm{big, false, 24, 24};
        case 0x1c0001ac: // Ixia, hardware and software: four octets of file length follow the header
        case 0x1c0001ab:
            return PcapForm{big, true, 28, 16};
        default:
            break;
        }
    }
    return std::nullopt;
}

PcapReader::PcapReader(ByteSource& source, const std::string& name, PcapForm form)
    : PacketReader(name)
    , m_in(source)
    , m_form(form)
{}

Result<std::unique_ptr<PacketReader>> PcapReader::open(ByteSource& source, const std::string& name,
                                                       PcapForm form)
{
    std::unique_ptr<PcapReader> reader(new PcapReader(source, name, form));
    const std::byte* header = reader->m_in.peek(form.fileHeaderBytes);
    if (header == nullptr) {
        reader->failShort(reader->m_in.error(), 0, "the file ends inside its header");
        return *reader->error();
    }
    const auto major = reader->load<std::uint16_t>(header + 4);
    const auto minor = reader->load<std::uint16_t>(header + 6);
    if (major != 2 && major != 543) // 543.0 is written by some appliances and otherwise the same
        return fail(BaseErrc::Malformed, name + ", octet 4: pcap version " + std::to_string(major) + "." +
                                             std::to_string(minor) + " is not known");
    reader->m_lengthsSwapped = major == 2 && minor < 3;
    reader->m_lengthsUnsure = major == 2 && minor == 3;
    // The upper six bits tell about frame check sequences; those stand behind the IP packet and do no harm.
    reader->m_linkType = static_cast<std::uint16_t>(reader->load<std::uint32_t>(header + 20) & 0xffff);
    reader->m_in.skip(form.fileHeaderBytes);
    return std::unique_ptr<PacketReader>(std::move(reader));
}

/// Captured and original.
inline std::pair<std::uint32_t, std::uint32_t> PcapReader::lengthsOf(const std::byte* record) const noexcept
{
    auto captured = load<std::uint32_t>(record + 8);
    auto original = load<std::uint32_t>(record + 12);
    if (m_lengthsSwapped || (m_lengthsUnsure && captured > original))
        std::swap(captured, original);
    return {captured, original};
}

inline void PcapReader::show(const std::byte* record, std::uint32_t captured, std::uint32_t original,
                             std::uint64_t offset, CapturedPacket& packet) const noexcept
{
    const auto fraction = load<std::uint32_t>(record + 4);
    packet.time = UtcTime(seconds(load<std::uint32_t>(record)) +
                          microseconds(m_form.nanoseconds ? fraction / 1000 : fraction));
    packet.bytes = {record + m_form.recordHeaderBytes, captured};
    packet.offset = offset;
    packet.originalLength = original;
    packet.linkType = m_linkType;
}

/// Those whose whole record is in memory, so that nothing moves; else the next one.
std::size_t PcapReader::nextSome(std::span<CapturedPacket> packets)
{
    if (error())
        return 0;
    const ByteView rest = m_in.rest();
    const std::size_t header = m_form.recordHeaderBytes;
    const std::uint64_t start = m_in.position();
    std::size_t at = 0;
    std::size_t count = 0;
    for (; count < packets.size() && rest.size() - at >= header; ++count) {
        const std::byte* const record = rest.data() + at;
        const auto [captured, original] = lengthsOf(record);
        if (captured > kMaxPacketBytes || rest.size() - at - header < captured)
            break;
        show(record, captured, original, start + at, packets[count]);
        at += header + captured;
        fetchAhead(rest, at, header + captured);
    }
    m_in.skip(at);
    return count > 0 || !next(packets.front()) ? count : 1;
}

bool PcapReader::next(CapturedPacket& packet)
{
    if (error())
        return false;
    const std::uint64_t start = m_in.position();
    const std::byte* record = m_in.peek(m_form.recordHeaderBytes);
    if (record == nullptr) {
        if (m_in.buffered() == 0 && !m_in.error())
            return false; // the proper end
        return failShort(m_in.error(), start, "the file ends inside a packet header");
    }
    const auto [captured, original] = lengthsOf(record);
    if (captured > kMaxPacketBytes)
        return failAt(BaseErrc::Malformed, start, "a packet claims more than 1 MiB");
    const std::size_t whole = std::size_t{m_form.recordHeaderBytes} + captured;
    record = m_in.peek(whole);
    if (record == nullptr)
        return failShort(m_in.error(), start, "the file ends inside a packet");
    show(record, captured, original, start, packet);
    m_in.skip(whole);
    return true;
}

} // namespace sr::capture
