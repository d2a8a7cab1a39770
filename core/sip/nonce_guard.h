// SPDX-License-Identifier: GPL-3.0-or-later
// Nonces of digest authentication that are known by their own HMAC, and the memory of those that were used
// (RFC 7616 §3.3 and §5.4).
#pragma once

#include "core/base/clock.h"
#include "core/crypto/digest.h"
#include "core/crypto/key_ring.h"
#include "core/sip/digest_credentials.h"

#include <deque>
#include <unordered_map>

namespace sr::sip {

struct NonceOptions {
    std::chrono::seconds lifetime = std::chrono::minutes(5); ///< on the monotonic clock
    bool replayCheck = true; ///< off: a nonce of ours is good until it is stale, however often it comes
    std::size_t mostTracked = 65536; ///< used nonces in memory, about 60 octets each; at least 1
};

/// Makes nonces and accepts each use of one at most once. One thread. What was only challenged takes no
/// memory, so that nobody without a password can fill it.
class NonceGuard {
public:
    /// `key`: drawn anew for every guard, since another guard, or this one before a restart, knows nothing of
    /// the uses here. `clock` outlives the guard.
    NonceGuard(const crypto::Secret& key, const Clock& clock, const NonceOptions& options = {});
    NonceGuard(const NonceGuard&) = delete; // two of them would accept twice
    NonceGuard& operator=(const NonceGuard&) = delete;

    std::string make(); ///< 64 hex digits; aborts if there are no random numbers

    enum class Verdict {
        Good,
        Stale,    ///< of ours, but too old or forgotten
        Replayed, ///< of ours, but nc did not grow, or without qop it was used before
        Foreign,  ///< not made by this guard
    };
    /// Judges the nonce and counts this use of it. O(1) amortized, besides one HMAC.
    ///
    /// Call it once per request, not per retransmission, and only after answers() said yes: all but Good is
    /// then a reason for `stale=true`, and whoever only saw a nonce cannot use it up.
    /// `checksReplay`: false at a listener for phones that cannot count.
    Verdict take(const DigestCredentials& credentials, bool checksReplay = true);

    std::size_t tracked() const { return m_highest.size(); } ///< used nonces in memory

private:
    using Made = std::uint64_t; ///< [ns] since the guard was made; no two nonces have the same

    Made now() const;
    bool isStale(Made made) const;
    void forgetStale();
    void remember(Made made, std::uint32_t count);

    crypto::HmacSha256 m_mac;
    const Clock& m_clock;
    NonceOptions m_options;
    std::chrono::steady_clock::time_point m_start;
    Made m_lastMade = 0;
    Made m_forgotten = 0; ///< nonces made until then are stale: one of them lost its place in the table
    std::unordered_map<Made, std::uint32_t> m_highest; ///< nc of the used ones
    std::deque<Made> m_order;                          ///< keys of m_highest by first use
};

} // namespace sr::sip
