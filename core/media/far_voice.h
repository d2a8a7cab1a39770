// SPDX-License-Identifier: GPL-3.0-or-later
// What the far side says: its packets put in order and decoded, in frames of 20 ms.
#pragma once

#include "core/codec/payload_decoder.h"
#include "core/media/jitter_buffer.h"
#include "core/media/player.h"
#include "core/rtp/packet.h"

namespace sr::media {

/// One thread at a time.
class FarVoice {
public:
    /// Null: nothing is heard. What was there is forgotten.
    void setDecoder(std::unique_ptr<codec::PayloadDecoder>& decoder);
    std::uint32_t rate() const { return m_decoder ? m_decoder->sampleRate() : kNarrowband; } ///< [Hz]
    void add(const rtp::PacketView& packet);
    /// The next 20 ms at rate(), silent where nothing came; lives until the next call.
    std::span<const std::int16_t> next();
    void forget();

private:
    std::unique_ptr<codec::PayloadDecoder> m_decoder;
    JitterBuffer m_buffer;
    std::uint32_t m_ssrc = 0;
    Bytes m_payload;
    std::vector<std::int16_t> m_samples; ///< decoded and not yet heard
    std::size_t m_lastSamples = 0;       ///< of a packet
    std::array<std::int16_t, kWideband / kFramesPerSecond> m_frame{};
};

} // namespace sr::media
