// SPDX-License-Identifier: GPL-3.0-or-later
// Tells capture formats apart by their first octets.
#include "core/capture/packet_reader.h"

#include "core/capture/pcap_reader.h"
#include "core/capture/pcapng_reader.h"

#include <array>

namespace sr::capture {

bool PacketReader::failAt(BaseErrc code, std::uint64_t where, const char* what)
{
    m_error = fail(code, m_name + ", octet " + std::to_string(where) + ": " + what);
    return false;
}

bool PacketReader::failShort(const std::optional<Error>& source, std::uint64_t where, const char* what)
{
    if (!source)
        return failAt(BaseErrc::Truncated, where, what);
    m_error = Error{source->code, m_name + ", octet " + std::to_string(where) + ": " + source->context};
    return false;
}

Result<std::unique_ptr<PacketReader>> PacketReader::open(ByteSource& source, const std::string& name)
{
    std::array<std::byte, 4> magic{};
    const auto got = source.readAt(0, magic);
    if (!got)
        return got.error();
    if (*got == 0)
        return fail(BaseErrc::Truncated, name + ": the file is empty");
    if (*got < magic.size())
        return fail(BaseErrc::Truncated, name + ", octet 0: too short for a capture file");
    if (PcapngReader::isMagic(magic))
        return std::unique_ptr<PacketReader>(std::make_unique<PcapngReader>(source, name));
    if (auto form = PcapReader::formOf(magic))
        return PcapReader::open(source, name, *form);
    if (magic[0] == std::byte{0x1f} && magic[1] == std::byte{0x8b})
        return fail(BaseErrc::Malformed, name + ", octet 0: compressed by gzip, unpack it first");
    return fail(BaseErrc::Malformed, name + ", octet 0: neither pcap nor pcapng");
}

} // namespace sr::capture
