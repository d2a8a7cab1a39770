// SPDX-License-Identifier: GPL-3.0-or-later
// A received RTP stream as it waits for decoding: packets in order of capture, and what the signalling said
// of them.
#pragma once

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/endpoint.h"
#include "core/base/error.h"
#include "core/rtp/payload_format.h"

#include <functional>
#include <memory>
#include <vector>

namespace sr::rtp {

/// SDES master key and salt of one direction (RFC 4568 §6), for RTP and RTCP of the sender.
struct SrtpKey {
    std::string suite;    ///< AES_CM_128_HMAC_SHA1_80, AES_CM_128_HMAC_SHA1_32, AES_256_CM_...,
                          ///< AEAD_AES_128_GCM, AEAD_AES_256_GCM
    std::string keySalt;  ///< raw octets, key then salt; empty for a suite known by name only
    std::string mki = {}; ///< master key identifier in every packet (RFC 3711 §3.1), raw; empty: none
    bool operator==(const SrtpKey&) const = default;
};

/// What the signalling promises of the packets of an epoch.
enum class Protection : std::uint8_t {
    ByKeys,   ///< encrypted if there are keys
    Required, ///< RTP/SAVP (RFC 3711): without the right key nothing is heard
    Optional, ///< keys of a former or unanswered offer: what they do not open is clear
};

/// From `since` on these formats and key apply: one epoch per offer/answer.
struct MediaEpoch {
    UtcTime since{};
    PayloadMap formats;
    std::vector<SrtpKey> srtpKeys; ///< empty: clear RTP; several: forked answers or guesses, tried in order
    Protection protection = Protection::ByKeys;
};

/// A stored packet of which only the beginning is near at hand.
struct PacketHead {
    static constexpr std::size_t kBytes = 8; ///< of the fixed header (RFC 3550 §5.1) all but the SSRC

    UtcTime captured{};
    const std::byte* head = nullptr; ///< its first octets, kBytes of them if it is that long
    ByteView datagram;               ///< whole; each look at it may wait for main memory
};

/// Stored packets of one stream. visit() may be called again; capture order; views live during the call only.
class PacketSource {
public:
    using Visitor =
        std::function<void(UtcTime captured, ByteView datagram)>; ///< datagram: RTP header and payload
    using HeadVisitor = std::function<void(const PacketHead& packet)>;
    virtual ~PacketSource() = default;
    virtual Status visit(const Visitor& visitor) const = 0;
    /// For who needs little but headers. Sources that keep those apart override this walk.
    virtual Status visitHeads(const HeadVisitor& visitor) const
    {
        return visit([&](UtcTime captured, ByteView datagram) {
            visitor({captured, datagram.data(), datagram});
        });
    }
    /// Packets `first` to `first + count - 1` of visit(). Sources that can find them override this walk.
    virtual Status visitRange(std::uint64_t first, std::uint64_t count, const Visitor& visitor) const
    {
        std::uint64_t at = 0;
        return visit([&](UtcTime captured, ByteView datagram) {
            if (at >= first && at - first < count)
                visitor(captured, datagram);
            ++at;
        });
    }
};

/// One SSRC between two endpoints.
struct RtpStream {
    Endpoint from;
    Endpoint to;
    std::uint32_t ssrc = 0;
    std::uint64_t packets = 0; ///< as captured, duplicates included
    UtcTime first{};
    UtcTime last{};
    std::vector<MediaEpoch> epochs; ///< by rising `since`; the first also covers what came before it
    std::shared_ptr<const PacketSource> source;
};

} // namespace sr::rtp
