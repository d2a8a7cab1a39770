// SPDX-License-Identifier: GPL-3.0-or-later
// SRTP and SRTCP, captured or just received, back to clear RTP and RTCP (RFC 3711) with the SDES key of their
// sender. A wrong key is an error, never noise.
#pragma once

#include "core/base/error.h"
#include "core/rtp/stream.h"

#include <memory>

namespace sr::rtp {

enum class SrtpErrc {
    UnknownSuite = 1, ///< a name we do not know, or a suite the library was built without
    BadKeyLength,     ///< key and salt are not as long as the suite wants
    NotSrtp,          ///< no RTP header, or shorter than its authentication tag
    Authentication,   ///< wrong key, changed packet, or a roll-over count out of reach
    Duplicate,        ///< this packet was already returned
    TooOld,           ///< more than 32767 packets late
    TooManyStreams,   ///< more than kMaxStreams SSRCs under one key
    Library,          ///< any other refusal
    NoKey,            ///< RTP/SAVP, and nobody gave a key
};
const std::error_category& srtpCategory() noexcept;
inline std::error_code make_error_code(SrtpErrc e) noexcept
{
    return {static_cast<int>(e), srtpCategory()};
}

/// Receiver for every SSRC that one master key protects. One thread at a time.
///
/// Suites: RFC 4568 AES_CM_128 (HMAC_SHA1_80, _32), RFC 6188 AES_256_CM (AES_192_CM where the library does it
/// right), RFC 7714 AEAD GCM. A key with an MKI opens packets that carry it, and packets
/// that carry none. Not supported: F8, key derivation rate other than 0, lifetime (a recorder reads what it
/// has). Roll-over: a capture may start in mid-call, so the first packets of an SSRC are tried at count 0 and
/// then up to kMaxFirstRollover; a sender that starts its numbers again under the same key is followed.
/// Whoever is there from the start does neither, for to him such a packet is an old one sent again (RFC 3711
/// §3.3.2). Who joins later, as the new peer of a device that was in a call before under the same key, looks
/// for the count of the first packets alone.
class SrtpReceiver {
public:
    enum class Joins : std::uint8_t { InMidCall, FromTheStart, Later };

    /// Each hold may bring one, music or a phone's; the bound is for those who make SSRCs up.
    static constexpr std::size_t kMaxStreams = 256;
    static constexpr std::uint32_t kMaxFirstRollover = 31; ///< 11 hours of 20 ms packets
    /// Nothing longer is RTP from a telephone. [octets]
    static constexpr std::size_t kMaxDatagram = 65535;

    /// UnknownSuite, BadKeyLength, Library.
    static Result<std::unique_ptr<SrtpReceiver>> open(const SrtpKey& key, Joins joins = Joins::InMidCall);
    ~SrtpReceiver();
    SrtpReceiver(const SrtpReceiver&) = delete;
    SrtpReceiver& operator=(const SrtpReceiver&) = delete;

    /// Header and clear payload of one datagram; the view lives until the next call. Allocates only for a new
    /// SSRC or a longer datagram than ever before.
    Result<ByteView, SrtpErrc> unprotect(ByteView datagram);
    /// The same for SRTCP (§3.4); the result is the compound of RTCP.
    Result<ByteView, SrtpErrc> unprotectRtcp(ByteView datagram);

private:
    struct Impl;
    explicit SrtpReceiver(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Sentence for an error, for logs.
const char* text(SrtpErrc error) noexcept;

} // namespace sr::rtp

template <>
struct std::is_error_code_enum<sr::rtp::SrtpErrc> : std::true_type {};
