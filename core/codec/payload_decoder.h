// SPDX-License-Identifier: GPL-3.0-or-later
// RTP payloads to samples: G.711 by table, G.722, G.729 and Opus by FFmpeg.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/rtp/payload_format.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace sr::codec {

enum class CodecErrc { Unsupported = 1, BadPayload, Library, BadFile };
const std::error_category& codecCategory() noexcept;
inline std::error_code make_error_code(CodecErrc e) noexcept
{
    return {static_cast<int>(e), codecCategory()};
}

/// One direction of one call; keeps codec state. One thread at a time.
class PayloadDecoder {
public:
    virtual ~PayloadDecoder() = default;
    /// CodecErrc::Unsupported for encodings we cannot sound (and for TELEPHONE-EVENT and CN, which are no
    /// codecs).
    static Result<std::unique_ptr<PayloadDecoder>> open(const rtp::PayloadFormat& format);

    virtual std::uint32_t
    sampleRate() const = 0; ///< of the samples [Hz]: 8000, 16000; Opus comes down to 16000
    /// Appends the samples of one packet, mono. BadPayload: nothing appended, state kept.
    /// G.729 SID frames (2 octets at the end) append comfort noise.
    virtual Status decode(ByteView payload, std::vector<std::int16_t>& samples) = 0;
    /// How long the payload sounds, in samples at sampleRate(), without decoding; 0 if that cannot be told.
    virtual std::uint32_t durationOf(ByteView payload) const = 0;
};

} // namespace sr::codec

template <>
struct std::is_error_code_enum<sr::codec::CodecErrc> : std::true_type {};
