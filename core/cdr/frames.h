// SPDX-License-Identifier: GPL-3.0-or-later
// How records stand in a segment of the outbox, so that what a crash tore off is seen.
//
//   frame := "CDR1" | length u32 | sequence u64 | first 8 octets of SHA-256(length to payload) | payload
//   little endian; length: of the payload [octets]
#pragma once

#include "core/base/bytes.h"

namespace sr::cdr {

inline constexpr std::size_t kFrameHeaderBytes = 24;
inline constexpr std::size_t kPayloadBytesMost = 2 * 1024 * 1024;

struct Frame {
    std::uint64_t sequence = 0;
    ByteView payload;
};

/// `payload` has at most kPayloadBytesMost octets.
void appendFrame(Bytes& out, std::uint64_t sequence, ByteView payload);

struct FrameScan {
    std::vector<Frame> frames; ///< views into what was scanned
    std::size_t end = 0;       ///< [octets] behind the last whole frame
    std::size_t damaged = 0;   ///< [octets] before `end` that belong to no whole frame
};
/// Finds whole frames, behind damaged ones as well. Any thread.
FrameScan scanFrames(ByteView bytes);
FrameScan scanFrames(Bytes&&) = delete; ///< the views would outlive it

} // namespace sr::cdr
