// SPDX-License-Identifier: GPL-3.0-or-later
// Payload into RTP packets of one stream (RFC 3550 §5.1): its numbers, its times, its talk spurts.
#pragma once

#include "core/base/bytes.h"
#include "core/rtp/key_events.h"
#include "core/rtp/packet.h"

#include <array>
#include <cstdint>

namespace sr::media {

/// One thread at a time.
class SpokenRtp {
public:
    /// Random numbers to begin with.
    SpokenRtp();
    /// Formats with another clock are another stream (RFC 7160).
    void setFormat(std::uint8_t payloadType, std::uint32_t clockRate);
    /// The packet of this beat; lives until the next call. Beats without a packet let time go on, and the
    /// first packet behind them has the marker.
    ByteView packet(std::uint64_t beat, ByteView payload);
    /// The same for an event (RFC 4733 2.2.2), whose time is that of the beat in which it began.
    ByteView event(std::uint64_t beat, std::uint8_t payloadType, const rtp::KeyEvents::Event& event);

private:
    ByteView write(std::uint8_t payloadType, bool marker, std::uint32_t time, ByteView payload);

    static constexpr std::size_t kMostPayload = 1400;

    std::uint32_t m_ssrc = 0;
    std::uint32_t m_firstTime = 0;
    std::uint32_t m_clockRate = 8000; ///< [Hz]
    std::uint16_t m_sequence = 0;
    std::uint8_t m_payloadType = 0;
    bool m_spoke = false;
    std::uint64_t m_lastBeat = 0;
    std::array<std::byte, rtp::kFixedHeaderBytes + kMostPayload> m_packet{};
};

} // namespace sr::media
