// SPDX-License-Identifier: GPL-3.0-or-later
// Classic pcap records (draft-ietf-opsawg-pcap). The header's snapshot length is not believed: many writers
// put less there than they capture.
#include "core/capture/pcap_reader.h"

namespace sr::capture {

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
std::pair<std::uint32_t, std::uint32_t> PcapReader::lengthsOf(const std::byte* record) const noexcept
{
    auto captured = load<std::uint32_t>(record + 8);
    auto original = load<std::uint32_t>(record + 12);
    if (m_lengthsSwapped || (m_lengthsUnsure && captured > original))
        std::swap(captured, original);
    return {captured, original};
}

void PcapReader::show(const std::byte* record, std::uint32_t captured, std::uint32_t original,
                      CapturedPacket& packet)
{
    const auto fraction = load<std::uint32_t>(record + 4);
    packet.time = UtcTime(seconds(load<std::uint32_t>(record)) +
                          microseconds(m_form.nanoseconds ? fraction / 1000 : fraction));
    packet.bytes = {record + m_form.recordHeaderBytes, captured};
    packet.offset = m_in.position();
    packet.originalLength = original;
    packet.linkType = m_linkType;
    m_in.skip(std::size_t{m_form.recordHeaderBytes} + captured);
    m_in.fetchAhead();
}

/// next() if the record is in memory, so that nothing moves.
bool PcapReader::nextBuffered(CapturedPacket& packet)
{
    if (m_in.buffered() < m_form.recordHeaderBytes)
        return false;
    const std::byte* const record = m_in.peek(m_form.recordHeaderBytes);
    const auto [captured, original] = lengthsOf(record);
    if (captured > kMaxPacketBytes || m_in.buffered() - m_form.recordHeaderBytes < captured)
        return false;
    show(record, captured, original, packet);
    return true;
}

std::size_t PcapReader::nextSome(std::span<CapturedPacket> packets)
{
    std::size_t count = 0;
    while (count < packets.size() && !error() && nextBuffered(packets[count]))
        ++count;
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
    show(record, captured, original, packet);
    return true;
}

} // namespace sr::capture
