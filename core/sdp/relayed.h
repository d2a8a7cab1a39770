// SPDX-License-Identifier: GPL-3.0-or-later
// A session description on its way through the exchange, which stands in the signalling and in the media
// between two parties (RFC 7092 §3.2): each side sees our address, our port and our keys, and the formats of
// the other.
#pragma once

#include "core/sdp/session_description.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sr::sdp {

/// What is ours of an audio section.
struct RelayedMedia {
    Endpoint rtp;        ///< our address towards the receiver of the description; RTCP is at the next port
    bool secure = false; ///< RTP/SAVP, with `dtls` UDP/TLS/RTP/SAVP
    std::string profile; ///< in an answer that of its offer (RFC 3264 §6.1); empty: as the rest says
    std::vector<CryptoAttribute> crypto; ///< written in this order, also where `secure` does not ask for it
    std::optional<OwnDtls> dtls;         ///< instead of `crypto`; beside it the far side may choose
    std::optional<IceLogin> ice;         ///< our lite side of ICE; absent: no line of it
    bool rtcpMux = false;                ///< a=rtcp-mux (RFC 5761 §5.1.1)
    bool isAnswer = false;               ///< then with `rtcpMux` RTCP has no candidate of its own
};

/// What is ours of a description. The version rises with every change of what we send (RFC 3264 §8).
struct Relayed {
    std::uint64_t sessionId = 0;
    std::uint64_t version = 0;
    RelayedMedia audio;
};

/// The description `text` as it leaves us. The audio section is that of SessionDescription::audio(); every
/// other one keeps its place with port 0 (RFC 3264 §6, §8.2). Lines come in the order of RFC 8866 §5, each
/// with CRLF.
///
/// Ours: o=, c=, port and profile (with feedback if the source has it), a=crypto, a=fingerprint and a=setup,
/// ICE, a=rtcp-mux.
///
/// Passes: s= and t= (`-` and `0 0` if missing), b=, and of the session and the audio section every attribute
/// that is not named below: rtpmap, fmtp, ptime, maxptime, direction, rtcp-fb, extmap and those nobody knows.
///
/// Stays here:
/// - ways to the other side: candidate, ice-*, rtcp, alt, altc, source-filter and their kin;
/// - keys and agreements on keys: crypto, fingerprint, setup, connection, tls-id, identity, key-mgmt,
///   zrtp-hash, encryption, k=;
/// - names of streams, which our relay does not keep: mid, group, bundle-only, msid, ssrc, ssrc-group;
/// - rtcp-mux, which each side agrees on with us;
/// - capability negotiation (RFC 3407, RFC 5939), whose outcome we would not see;
/// - i=, u=, e=, p=, r=, z=, and what is not `x=value`;
/// - any other line that holds an address or a key, see tellsTooMuch() in writing.h.
///
/// Control characters are taken out. An address of nowhere (hold of old) becomes a direction: ours is
/// somewhere.
///
/// Errors: those of parse(); NoAudio, also for audio without a format; TooLarge also if the result would be.
/// Any thread.
Result<std::string> relayed(std::string_view text, const Relayed& plan);
/// Likewise, for who has read it: `read` is what parse(text) gave.
Result<std::string> relayed(std::string_view text, const SessionDescription& read, const Relayed& plan);

/// The description `text` of one party for the other, with which it exchanges media without us: only o= is
/// ours, and control characters are taken out. Errors: as of relayed(). Any thread.
Result<std::string> direct(std::string_view text, const Relayed& plan);

} // namespace sr::sdp
