// SPDX-License-Identifier: GPL-3.0-or-later
// pcapng blocks (draft-ietf-opsawg-pcapng); section numbers below are of that document.
#include "core/capture/pcapng_reader.h"

#include <array>

namespace sr::capture {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a; // 4.1, the same in both byte orders
constexpr std::uint32_t kInterfaceDescription = 1;   // 4.2
constexpr std::uint32_t kPacket = 2;                 // obsolete, Appendix A
constexpr std::uint32_t kSimplePacket = 3;           // 4.4
constexpr std::uint32_t kEnhancedPacket = 6;         // 4.3
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint32_t kMaxInterfaceBlock = 256 * 1024; // chosen: far above any option list seen
constexpr std::size_t kMaxInterfaces = 65536;
constexpr std::int64_t kLastSecond = 253'402'300'799; // end of the year 9999: later times are not printable

} // namespace

bool PcapngReader::isMagic(std::span<const std::byte, 4> magic)
{
    return loadBe<std::uint32_t>(magic.data()) == kSectionHeader;
}

PcapngReader::PcapngReader(ByteSource& source, const std::string& name)
    : PacketReader(name)
    , m_in(source)
{}

bool PcapngReader::next(CapturedPacket& packet)
{
    if (error())
        return false;
    for (;;) {
        const std::uint64_t start = m_blockStart = m_in.position();
        const std::byte* head = m_in.peek(12);
        if (head == nullptr) {
            if (m_in.buffered() == 0 && !m_in.error() && m_inSection)
                return false; // the proper end
            return failShort(m_in.error(), start, "the file ends inside a block header");
        }
        if (loadLe<std::uint32_t>(head) == kSectionHeader) {
            if (!readSection(start, head))
                return false;
            continue;
        }
        const auto type = load<std::uint32_t>(head);
        const auto blockBytes = load<std::uint32_t>(head + 4);
        if (blockBytes < 12 || blockBytes % 4 != 0)
            return failAt(BaseErrc::Malformed, start, "a block has an impossible length");
        const bool isPacket = type == kEnhancedPacket || type == kSimplePacket || type == kPacket;
        if (!isPacket && type != kInterfaceDescription) { // names, statistics, secrets, foreign blocks
            m_in.skip(blockBytes - 4);
            if (m_in.peek(4) == nullptr)
                return failShort(m_in.error(), start, "the file ends inside a block");
            m_in.skip(4);
            continue;
        }
        if (blockBytes > (isPacket ? kMaxPacketBytes + 65536 : kMaxInterfaceBlock))
            return failAt(BaseErrc::Malformed, start, "a block claims more than any packet can hold");
        const std::byte* block = m_in.peek(blockBytes);
        if (block == nullptr)
            return failShort(m_in.error(), start, "the file ends inside a block");
        if (load<std::uint32_t>(block + blockBytes - 4) != blockBytes)
            return failAt(BaseErrc::Malformed, start, "the two lengths of a block differ");
        m_in.skip(blockBytes); // the view stays good until the next peek
        if (!isPacket) {
            if (!readInterface(start, block, blockBytes))
                return false;
            continue;
        }
        return readPacket(start, type, block, blockBytes, packet);
    }
}

bool PcapngReader::readSection(std::uint64_t start, const std::byte* head)
{
    const bool little = loadLe<std::uint32_t>(head + 8) == kByteOrderMagic;
    if (!little && loadBe<std::uint32_t>(head + 8) != kByteOrderMagic)
        return failAt(BaseErrc::Malformed, start, "a section header without its byte-order magic");
    m_bigEndian = !little;
    const auto blockBytes = load<std::uint32_t>(head + 4);
    if (blockBytes < 28 || blockBytes % 4 != 0)
        return failAt(BaseErrc::Malformed, start, "a section header has an impossible length");
    const std::byte* block = m_in.peek(16);
    if (block == nullptr)
        return failShort(m_in.error(), start, "the file ends inside a section header");
    if (load<std::uint16_t>(block + 12) != 1)
        return failAt(BaseErrc::Malformed, start, "a section of an unknown pcapng version");
    m_in.skip(blockBytes - 4);
    const std::byte* tail = m_in.peek(4);
    if (tail == nullptr)
        return failShort(m_in.error(), start, "the file ends inside a section header");
    if (load<std::uint32_t>(tail) != blockBytes)
        return failAt(BaseErrc::Malformed, start, "the two lengths of a section header differ");
    m_in.skip(4);
    m_interfaces.clear();
    m_inSection = true;
    return true;
}

bool PcapngReader::readInterface(std::uint64_t start, const std::byte* block, std::uint32_t blockBytes)
{
    if (blockBytes < 20)
        return failAt(BaseErrc::Malformed, start, "an interface description is too short");
    if (m_interfaces.size() >= kMaxInterfaces)
        return failAt(BaseErrc::Malformed, start, "more than 65536 interfaces");
    Interface interface;
    interface.linkType = load<std::uint16_t>(block + 8);
    interface.snapLength = load<std::uint32_t>(block + 12);
    if (!readInterfaceOptions(start, {block + 16, blockBytes - 20}, interface))
        return false;
    m_interfaces.push_back(interface);
    return true;
}

bool PcapngReader::readInterfaceOptions(std::uint64_t start, ByteView options, Interface& interface)
{
    while (options.size() >= 4) { // 3.5: type, length, value padded to 32 bits
        const auto code = load<std::uint16_t>(options.data());
        const auto length = load<std::uint16_t>(options.data() + 2);
        const std::size_t padded = 4 + ((std::size_t{length} + 3) & ~std::size_t{3});
        if (code == 0)
            break;
        if (padded > options.size())
            return failAt(BaseErrc::Malformed, start, "an option runs out of its block");
        const std::byte* value = options.data() + 4;
        if (code == 9 && length >= 1) { // if_tsresol: power of 10, or of 2 if the top bit is set
            const auto exponent = std::to_integer<unsigned>(value[0] & std::byte{0x7f});
            const bool binary = (value[0] & std::byte{0x80}) != std::byte{0};
            if (exponent > (binary ? 63U : 19U))
                return failAt(BaseErrc::Malformed, start, "a time resolution finer than 64 bits can hold");
            interface.unitsPerSecond = binary ? std::uint64_t{1} << exponent : 1;
            for (unsigned i = 0; !binary && i < exponent; ++i)
                interface.unitsPerSecond *= 10;
        } else if (code == 14 && length == 8) { // if_tsoffset
            interface.offsetSeconds = static_cast<std::int64_t>(load<std::uint64_t>(value));
        }
        options = options.subspan(padded);
    }
    return true;
}

bool PcapngReader::readPacket(std::uint64_t start, std::uint32_t type, const std::byte* block,
                              std::uint32_t blockBytes, CapturedPacket& packet)
{
    const std::uint32_t fixed =
        type == kSimplePacket ? 16 : 32; // both lengths and the fields before the data
    if (blockBytes < fixed)
        return failAt(BaseErrc::Malformed, start, "a packet block is too short");
    std::uint32_t index = 0;
    if (type == kEnhancedPacket)
        index = load<std::uint32_t>(block + 8);
    else if (type == kPacket)
        index = load<std::uint16_t>(block + 8);
    if (index >= m_interfaces.size())
        return failAt(BaseErrc::Malformed, start, "a packet of an interface that was not described");
    const Interface& interface = m_interfaces[index];
    std::uint32_t captured = 0;
    if (type == kSimplePacket) {
        packet.originalLength = load<std::uint32_t>(block + 8);
        captured = std::min(packet.originalLength, blockBytes - fixed);
        if (interface.snapLength != 0)
            captured = std::min(captured, interface.snapLength);
    } else {
        captured = load<std::uint32_t>(block + 20);
        packet.originalLength = load<std::uint32_t>(block + 24);
        const std::uint64_t units =
            std::uint64_t{load<std::uint32_t>(block + 12)} << 32 | load<std::uint32_t>(block + 16);
        m_lastTime = timeOf(units, interface);
    }
    if (captured > blockBytes - fixed || captured > kMaxPacketBytes)
        return failAt(BaseErrc::Malformed, start, "a packet is longer than its block");
    packet.time = m_lastTime; // a simple packet has none: that of the packet before is closest
    packet.bytes = {block + fixed - 4, captured};
    packet.offset = start;
    packet.linkType = interface.linkType;
    return true;
}

UtcTime PcapngReader::timeOf(std::uint64_t units, const Interface& interface) noexcept
{
    const std::uint64_t perSecond = interface.unitsPerSecond;
    std::uint64_t whole = 0;
    std::uint64_t micros = 0;
    if (perSecond == 1'000'000) { // nearly every file: constants spare the slow division
        whole = units / 1'000'000;
        micros = units % 1'000'000;
    } else if (perSecond == 1'000'000'000) {
        whole = units / 1'000'000'000;
        micros = units % 1'000'000'000 / 1000;
    } else {
        whole = units / perSecond;
        const std::uint64_t rest = units % perSecond;
        // Below 2^43 the product fits; above, dividing first loses less than a microsecond.
        micros = perSecond < (std::uint64_t{1} << 43) ? rest * 1'000'000 / perSecond
                                                      : rest / (perSecond / 1'000'000);
    }
    const auto top = static_cast<std::uint64_t>(kLastSecond);
    const auto base = static_cast<std::int64_t>(std::min(whole, top));
    const std::int64_t offset = std::clamp(interface.offsetSeconds, -kLastSecond, kLastSecond);
    const std::int64_t second = std::clamp(base + offset, std::int64_t{0}, kLastSecond);
    return UtcTime(seconds(second) + microseconds(std::min<std::uint64_t>(micros, 999'999)));
}

} // namespace sr::capture
