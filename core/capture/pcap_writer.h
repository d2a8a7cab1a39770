// SPDX-License-Identifier: GPL-3.0-or-later
// Writes one call as a classic pcap file (microseconds, Ethernet) that Wireshark and our own reader open.
#pragma once

#include "core/base/clock.h"
#include "core/base/endpoint.h"
#include "core/base/io.h"

namespace sr::capture {

/// Datagrams become Ethernet II, IPv4 or IPv6, UDP with right checksums. Larger than 65507 octets:
/// BaseErrc::TooLarge.
class PcapWriter {
public:
    static Result<PcapWriter> create(ByteSink& out); ///< writes the file header; `out` outlives the writer
    /// Goes on where a header, and perhaps more, was written before.
    static PcapWriter append(ByteSink& out) { return PcapWriter(out); }
    Status add(UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload);
    Status addFrame(UtcTime time, ByteView frame); ///< of Ethernet, whole

private:
    Status finish(Bytes& record, UtcTime time);
    explicit PcapWriter(ByteSink& out)
        : m_out(&out)
    {}
    ByteSink* m_out;
};

} // namespace sr::capture
