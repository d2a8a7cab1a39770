// SPDX-License-Identifier: GPL-3.0-or-later
// Session descriptions (RFC 8866) as far as calls need them: audio media, addresses, formats, direction, SDES
// keys.
#pragma once

#include "core/base/endpoint.h"
#include "core/base/error.h"
#include "core/rtp/stream.h"
#include "core/sdp/crypto_attribute.h"
#include "core/sdp/dtls_attributes.h"
#include "core/sdp/ice_attributes.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sr::sdp {

inline constexpr std::size_t kMaxOctets = 64 * 1024;
inline constexpr std::size_t kMaxMedia = 32;

enum class SdpErrc {
    NotSdp = 1,
    TooLarge,
    BadLine,
    NoAudio,      ///< no audio section with a format that is not refused
    NoCommon,     ///< an offer of which nothing can be answered
    UnknownSuite, ///< no SRTP suite of ours
};
const std::error_category& sdpCategory() noexcept;
inline std::error_code make_error_code(SdpErrc e) noexcept
{
    return {static_cast<int>(e), sdpCategory()};
}

enum class Direction : std::uint8_t { SendRecv, SendOnly, RecvOnly, Inactive }; ///< RFC 8866 §6.7
constexpr bool sends(Direction d) noexcept
{
    return d == Direction::SendRecv || d == Direction::SendOnly;
}
constexpr bool receives(Direction d) noexcept
{
    return d == Direction::SendRecv || d == Direction::RecvOnly;
}
constexpr Direction directionOf(bool sends, bool receives) noexcept
{
    if (sends)
        return receives ? Direction::SendRecv : Direction::SendOnly;
    return receives ? Direction::RecvOnly : Direction::Inactive;
}
/// The attribute's name, and back in any case; nothing for other names.
std::string_view toString(Direction direction) noexcept;
std::optional<Direction> directionNamed(std::string_view attribute) noexcept;

/// RTP/AVP, RTP/SAVP, UDP/TLS/RTP/SAVP, each with and without feedback, in any case.
bool isRtpProfile(std::string_view protocol) noexcept;

/// One m= section with what the session level lends it.
struct Media {
    std::string type;                ///< audio, video, image, application
    std::string protocol;            ///< RTP/AVP, RTP/SAVP, RTP/AVPF, UDP/TLS/RTP/SAVPF, udptl
    Endpoint rtp;                    ///< c= and port; port 0 = refused (RFC 3264 §6)
    std::uint16_t rtcpPort = 0;      ///< a=rtcp (RFC 3605), else rtp.port + 1
    std::vector<std::uint8_t> order; ///< payload types as offered, preferred first
    rtp::PayloadMap formats;         ///< of every type in `order` that is known
    Direction direction = Direction::SendRecv;
    std::vector<rtp::SrtpKey> keys;             ///< a=crypto, in order (RFC 4568)
    std::vector<CryptoAttribute> crypto;        ///< those of them that we can follow, preferred first
    std::vector<rtp::Fingerprint> fingerprints; ///< a=fingerprint, those with hashes that we know
    std::optional<Setup> setup;                 ///< a=setup
    std::uint32_t ptimeMs = 0;                  ///< [ms], 0 = not said
    std::optional<IceAttributes> ice;           ///< user fragment and password are there and right
    bool rtcpMux = false;
    bool nowhere = false; ///< c= is 0.0.0.0 or ::, and not because ICE has yet to find one (RFC 8840 §4.1.1)

    /// RTP/SAVP or one of its kind: clear RTP is not allowed (RFC 3711, RFC 5124, RFC 5764).
    bool isSecure() const noexcept;
    /// Keys come by DTLS (RFC 5764): by profile, or by what is there (RTP/SAVP as WebRTC of old had it).
    bool isDtls() const noexcept;
    /// Its sender wants to hear nothing: sendonly, inactive (RFC 3264 §8.4), or an address of nowhere (RFC
    /// 2543 §B.5).
    bool isOnHold() const noexcept { return !receives(effectiveDirection()); }
    /// Full ICE with which we can go along as its lite side: not if it is lite itself, nor if somebody on the
    /// way has changed the address but not the candidates (RFC 8839 §4.2.5).
    bool wantsChecks() const noexcept;
    /// Direction, where an address of nowhere also says that nothing is to be sent to it.
    Direction effectiveDirection() const noexcept;
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
/// Its audio(), where there is any.
std::optional<Media> audioOf(std::string_view text);

} // namespace sr::sdp

template <>
struct std::is_error_code_enum<sr::sdp::SdpErrc> : std::true_type {};
