// SPDX-License-Identifier: GPL-3.0-or-later
// RTP without signalling: which streams make one conversation, and what their payload types may be.
#pragma once

#include "core/capture/captured_call.h"
#include "core/capture/rtp_collector.h"

#include <vector>

namespace sr::capture {

/// Streams of one conversation, by first packet.
struct BareGroup {
    std::vector<CollectedStream*> streams;
    std::vector<std::uint8_t> reverse; ///< parallel: 1 = runs against the first one
};

inline constexpr std::uint64_t kBareMinimum = 10; ///< packets of the longest stream of a group

/// Groups by the pair of endpoints; groups of one direction find their reverse by addresses alone if they
/// overlap by half and there is only one such.
std::vector<BareGroup> groupBare(const std::vector<CollectedStream*>& streams);

/// True for a group that is a call.
bool isBareCall(const BareGroup& group);

/// Static formats of the types that were seen; of dynamic types only what is beyond doubt: Opus by its 48 kHz
/// clock, telephone-event by its four octets under one time stamp.
rtp::PayloadMap guessFormats(const CollectedStream& stream);

/// Numbers unknown; the caller is who sent first.
CapturedCall bareCall(const BareGroup& group);

} // namespace sr::capture
