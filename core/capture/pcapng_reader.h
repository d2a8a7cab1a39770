// SPDX-License-Identifier: GPL-3.0-or-later
// pcapng: several sections of either byte order, each with several interfaces of their own link type and
// clock.
#pragma once

#include "core/capture/block_buffer.h"
#include "core/capture/packet_reader.h"

#include <vector>

namespace sr::capture {

class PcapngReader final : public PacketReader {
public:
    static bool isMagic(std::span<const std::byte, 4> magic);
    PcapngReader(ByteSource& source, const std::string& name);
    bool next(CapturedPacket& packet) override;
    /// Of a damaged block its start: it may claim to end beyond the file.
    std::uint64_t offset() const override { return error() ? m_blockStart : m_in.position(); }

private:
    struct Interface {
        std::uint16_t linkType = 0;
        std::uint32_t snapLength = 0;             ///< 0: no limit
        std::uint64_t unitsPerSecond = 1'000'000; ///< if_tsresol
        std::int64_t offsetSeconds = 0;           ///< if_tsoffset
    };

    template <typename T>
    T load(const std::byte* p) const noexcept
    {
        return m_bigEndian ? loadBe<T>(p) : loadLe<T>(p);
    }
    bool readSection(std::uint64_t start, const std::byte* head);
    bool readInterface(std::uint64_t start, const std::byte* block, std::uint32_t blockBytes);
    bool readInterfaceOptions(std::uint64_t start, ByteView options, Interface& interface);
    bool readPacket(std::uint64_t start, std::uint32_t type, const std::byte* block, std::uint32_t blockBytes,
                    CapturedPacket& packet);
    static UtcTime timeOf(std::uint64_t units, const Interface& interface) noexcept;

    BlockBuffer m_in;
    std::vector<Interface> m_interfaces; ///< of the current section
    UtcTime m_lastTime{};
    std::uint64_t m_blockStart = 0;
    bool m_bigEndian = false;
    bool m_inSection = false;
};

} // namespace sr::capture
