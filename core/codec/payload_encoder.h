// SPDX-License-Identifier: GPL-3.0-or-later
// Samples to RTP payloads of 20 ms: G.711 by table, G.722 and Opus by FFmpeg. For the exchange's own voice.
#pragma once

#include "core/codec/payload_decoder.h"

#include <memory>
#include <span>

namespace sr::codec {

/// One direction of one call; keeps codec state. One thread at a time.
class PayloadEncoder {
public:
    static constexpr std::uint32_t kFramesPerSecond = 50; // of 20 ms each
    virtual ~PayloadEncoder() = default;
    /// PCMA, PCMU, G722 and OPUS. CodecErrc::Unsupported for others (FFmpeg decodes G.729 only), Library.
    static Result<std::unique_ptr<PayloadEncoder>> open(const rtp::PayloadFormat& format);

    virtual std::uint32_t sampleRate() const = 0; ///< of the samples it takes [Hz]: 8000 or 16000
    /// `payload` becomes that of 20 ms. `samples`: sampleRate() / kFramesPerSecond of them, else BadPayload.
    virtual Status encode(std::span<const std::int16_t> samples, Bytes& payload) = 0;
};

} // namespace sr::codec
