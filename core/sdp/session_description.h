// SPDX-License-Identifier: GPL-3.0-or-later
// Session descriptions (RFC 8866) as far as calls need them: audio media, addresses, formats, direction, SDES
// keys.
#pragma once

#include "core/base/endpoint.h"
#include "core/base/error.h"
#include "core/rtp/stream.h"

#include <string>
#include <string_view>
#include <vector>

namespace sr::sdp {

inline constexpr std::size_t kMaxOctets = 64 * 1024;
inline constexpr std::size_t kMaxMedia = 32;

enum class SdpErrc { NotSdp = 1, TooLarge, BadLine };
const std::error_category& sdpCategory() noexcept;
inline std::error_code make_error_code(SdpErrc e) noexcept
{
    return {static_cast<int>(e), sdpCategory()};
}

enum class Direction : std::uint8_t { SendRecv, SendOnly, RecvOnly, Inactive }; ///< RFC 8866 §6.7

/// One m= section with what the session level lends it.
struct Media {
    std::string type;                ///< audio, video, image, application
    std::string protocol;            ///< RTP/AVP, RTP/SAVP, RTP/AVPF, UDP/TLS/RTP/SAVPF, udptl
    Endpoint rtp;                    ///< c= and port; port 0 = refused (RFC 3264 §6)
    std::uint16_t rtcpPort = 0;      ///< a=rtcp (RFC 3605), else rtp.port + 1
    std::vector<std::uint8_t> order; ///< payload types as offered, preferred first
    rtp::PayloadMap formats;         ///< of every type in `order` that is known
    Direction direction = Direction::SendRecv;
    std::vector<rtp::SrtpKey> keys; ///< a=crypto, in order (RFC 4568)
    std::uint32_t ptimeMs = 0;      ///< [ms], 0 = not said
    bool rtcpMux = false;
};

struct SessionDescription {
    std::string origin;  ///< o= line, tells versions of one session apart
    Endpoint connection; ///< session level c=, port 0
    std::vector<Media> media;

    /// First audio section that is not refused, or null.
    const Media* audio() const;
};

/// Lenient in what phones really send (bare LF, unknown lines, missing t=), strict in limits. Any thread.
Result<SessionDescription> parse(std::string_view text);

} // namespace sr::sdp

template <>
struct std::is_error_code_enum<sr::sdp::SdpErrc> : std::true_type {};
