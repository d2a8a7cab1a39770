// SPDX-License-Identifier: GPL-3.0-or-later
// Classic pcap: both byte orders, microseconds and nanoseconds, and the variants with longer record headers.
#pragma once

#include "core/capture/block_buffer.h"
#include "core/capture/packet_reader.h"

namespace sr::capture {

/// What the magic number says.
struct PcapForm {
    bool bigEndian = false;
    bool nanoseconds = false;
    std::uint8_t fileHeaderBytes = 24;
    std::uint8_t recordHeaderBytes = 16;
};

class PcapReader final : public PacketReader {
public:
    static std::optional<PcapForm> formOf(std::span<const std::byte, 4> magic);
    static Result<std::unique_ptr<PacketReader>> open(ByteSource& source, const std::string& name,
                                                      PcapForm form);
    bool next(CapturedPacket& packet) override;
    std::size_t nextSome(std::span<CapturedPacket> packets) override;
    std::uint64_t offset() const override { return m_in.position(); }

private:
    PcapReader(ByteSource& source, const std::string& name, PcapForm form);
    std::pair<std::uint32_t, std::uint32_t> lengthsOf(const std::byte* record) const noexcept;
    void show(const std::byte* record, std::uint32_t captured, std::uint32_t original, std::uint64_t offset,
              CapturedPacket& packet) const noexcept;
    template <typename T>
    T load(const std::byte* p) const noexcept
    {
        return m_form.bigEndian ? loadBe<T>(p) : loadLe<T>(p);
    }

    BlockBuffer m_in;
    PcapForm m_form;
    std::uint16_t m_linkType = 0;
    bool m_lengthsSwapped = false; ///< files before version 2.3
    bool m_lengthsUnsure = false;  ///< version 2.3 itself had both orders
};

} // namespace sr::capture
