// SPDX-License-Identifier: GPL-3.0-or-later
// DTLS-SRTP in descriptions (RFC 5763): whose certificate is right, and who begins the handshake.
#pragma once

#include "core/rtp/fingerprint.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sr::sdp {

/// RFC 4145 §4.
enum class Setup : std::uint8_t {
    Active,   ///< begins
    Passive,  ///< waits
    Actpass,  ///< either; in offers only
    Holdconn, ///< not yet
};
std::string_view toString(Setup setup) noexcept;
std::optional<Setup> setupNamed(std::string_view word) noexcept;

/// `sha-256 AB:CD:...`; nothing for a hash that is not in rtp::Fingerprint or has another length.
std::optional<rtp::Fingerprint> parseFingerprint(std::string_view value);

/// What is ours of it.
struct OwnDtls {
    std::string fingerprint; ///< value of a=fingerprint
    Setup setup = Setup::Actpass;
};

/// a=fingerprint and a=setup.
std::string dtlsLines(const OwnDtls& own);

} // namespace sr::sdp
