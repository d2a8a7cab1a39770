// SPDX-License-Identifier: GPL-3.0-or-later
// ICE in descriptions (RFC 8839): what a device says of itself, and the lines of our lite side.
#pragma once

#include "core/base/endpoint.h"
#include "core/base/error.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sr::sdp {

/// One a=candidate line over UDP with an address (RFC 8839 §5.1).
struct Candidate {
    std::uint16_t component = 1; ///< 1: RTP, 2: RTCP
    Endpoint at;
    bool operator==(const Candidate&) const = default;
};

/// User fragment and password (RFC 8839 §5.4).
struct IceLogin {
    std::string userFragment;
    std::string password;
    bool operator==(const IceLogin&) const = default;
};

/// What an audio section and its session say.
struct IceAttributes {
    IceLogin login;
    std::vector<Candidate> candidates; ///< at most kMostCandidates
    bool lite = false;                 ///< a=ice-lite: it answers checks and sends none

    static constexpr std::size_t kMostCandidates = 32; ///< chosen
};

/// `foundation component UDP priority address port typ ...`; nothing for TCP, host names and what cannot be
/// read.
std::optional<Candidate> parseCandidate(std::string_view value);

/// ice-char, 4 to 256 of them in a user fragment, 22 to 256 in a password (RFC 8839 §5.4).
bool isUserFragment(std::string_view word) noexcept;
bool isPassword(std::string_view word) noexcept;

/// Fresh ones of 48 and 144 random bits. CryptoErrc::Library without randomness.
Result<IceLogin> newIceLogin();

/// a=ice-ufrag, a=ice-pwd and a host candidate for each component; RTCP is one port above `rtp`, and has none
/// of its own where `rtcpMux` has been agreed on.
std::string iceLines(const IceLogin& login, const Endpoint& rtp, bool rtcpMux);

} // namespace sr::sdp
