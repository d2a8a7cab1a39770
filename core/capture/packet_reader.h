// SPDX-License-Identifier: GPL-3.0-or-later
// Reading of capture files: packets with their time, link type and place, from classic pcap or pcapng.
//
// Our own reader instead of libpcap's offline one: libpcap refuses a pcapng file whose interfaces differ in
// link type or snapshot length, cannot say at which octet a file is damaged, and reads files only, not sealed
// streams or memory.
#pragma once

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/io.h"

#include <memory>
#include <optional>
#include <string>

namespace sr::capture {

/// Longest captured packet we believe [octets]; what claims more is damaged or hostile.
inline constexpr std::uint32_t kMaxPacketBytes = 1024 * 1024;

struct CapturedPacket {
    UtcTime time{};
    ByteView bytes;                   ///< what was captured; lives until the next call of next()
    std::uint64_t offset = 0;         ///< of its record in the file [octets]
    std::uint32_t originalLength = 0; ///< on the wire [octets]; more than bytes.size() if it was cut
    std::uint16_t linkType = 0;       ///< LINKTYPE_ value, see link_layer.h
};

/// One pass over one capture. One thread. Stops for good at the first damaged octet.
class PacketReader {
public:
    /// Tells the format by the first octets. Errors: Truncated (empty or no whole header), Malformed (neither
    /// format, or a kind of it that we do not read), and what the source says. `name` is for messages.
    /// `source` outlives the reader.
    static Result<std::unique_ptr<PacketReader>> open(ByteSource& source, const std::string& name);
    virtual ~PacketReader() = default;

    /// False at the end, or where the file is damaged: then error() says why.
    virtual bool next(CapturedPacket& packet) = 0;
    /// next() for some packets that stand together in memory; all of them live until the next call. 0 where
    /// next() is false.
    virtual std::size_t nextSome(std::span<CapturedPacket> packets) { return next(packets.front()) ? 1 : 0; }
    const std::optional<Error>& error() const { return m_error; }
    /// Where the next record begins, or where reading stopped [octets].
    virtual std::uint64_t offset() const = 0;

protected:
    explicit PacketReader(std::string name)
        : m_name(std::move(name))
    {}
    /// Notes the failure at `where`; false, so that next() can return it.
    bool failAt(BaseErrc code, std::uint64_t where, const char* what);
    /// The source's own failure, or `what` as Truncated if it simply ended.
    bool failShort(const std::optional<Error>& source, std::uint64_t where, const char* what);

private:
    std::string m_name;
    std::optional<Error> m_error;
};

} // namespace sr::capture
