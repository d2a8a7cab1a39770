// SPDX-License-Identifier: GPL-3.0-or-later
// Who guesses passwords is answered ever later, then not at all for a while; who floods is told to come
// later.
#pragma once

#include "core/base/clock.h"
#include "core/base/endpoint.h"
#include "core/sip/recent_table.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sr::sip {

/// All chosen. A person who mistypes stays far below them, as does a phone with an old password that tries
/// once in ten minutes.
struct GuessLimits {
    unsigned slowAfter = 10;  ///< failures within `window`, at least 1
    unsigned blockAfter = 30; ///< failures within `window`
    std::chrono::seconds window = std::chrono::hours(1);
    std::chrono::seconds longestDelay =
        std::chrono::seconds(32);                               ///< they grow to it from one second, doubling
    std::chrono::seconds firstBlock = std::chrono::minutes(15); ///< the next ones double
    std::chrono::seconds longestBlock =
        std::chrono::hours(24);                          ///< also how long a block is remembered for the next
    std::chrono::seconds trust = std::chrono::hours(24); ///< of a user and address since the last success
    unsigned perSecond = 50;      ///< new requests of a source, and besides of each user who is trusted there
    unsigned burst = 200;         ///< of them at once
    unsigned allPerSecond = 1000; ///< of all sources together, without the trusted users
    unsigned allBurst = 5000;
    std::size_t mostSources = 65536; ///< in each table; at most about 50 MB in all
    std::size_t mostTrusted = 65536; ///< pairs of user and address
};

/// Counts failed log-ins by source: an IPv4 address, or the /64 of an IPv6 address, as one machine has all of
/// it. One thread.
///
/// A source is shared where many phones stand behind one address, and then one of them that fails must not
/// cost the others their service: a user who logged in from there within a day is trusted there, and is let
/// in whatever the source has done. Whoever guesses the password of just that user from just there ends this
/// trust.
class GuessGuard {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    struct Block {
        IpAddress source; ///< of IPv6 the first one of its /64
        TimePoint until{};
        unsigned times = 0;   ///< with those before, until they are forgotten
        std::string lastUser; ///< the name tried last, as it came, cut to kMaxUserBytes
    };
    using OnBlock = std::function<void(const Block&, std::chrono::seconds length)>;

    enum class Verdict {
        Pass,
        Later,   ///< answer 503 and check nothing
        Blocked, ///< refuse and check nothing
    };
    struct Answer {
        Verdict verdict = Verdict::Pass;
        std::chrono::seconds retryAfter{}; ///< of Later, at least 1
    };

    static constexpr std::size_t kMaxUserBytes = 64;

    /// `clock` outlives it. `onBlock` is called within failed(), once for each block.
    GuessGuard(const Clock& clock, const GuessLimits& limits, OnBlock onBlock);
    GuessGuard(const GuessGuard&) = delete; // two of them would let in twice as many guesses
    GuessGuard& operator=(const GuessGuard&) = delete;

    /// For each new request, before it costs anything. `user`: who it says it is, or is meant for. Those of
    /// blocked sources, and what a flood has too much, are not let in.
    bool admit(const IpAddress& from, std::string_view user);
    /// For each request that was let in, before anything of it is checked.
    Answer ask(const IpAddress& from, std::string_view user);
    /// A password was wrong or the user unknown. No failure: no credentials, or right ones with an old nonce.
    void failed(const IpAddress& from, std::string_view user);
    /// Everything was right, the nonce too. Forgives what this user alone did wrong there.
    void succeeded(const IpAddress& from, std::string_view user);

    std::vector<Block> blocked() const; ///< those in force, the newest last
    /// Forgets all that the source has done. False if it was not blocked.
    bool unblock(const IpAddress& address);
    /// Sources and pairs in memory.
    std::size_t tracked() const;

private:
    struct Failure {
        TimePoint when{};
        std::size_t user = 0; ///< hash of the name: names of guessers may be long
    };
    struct Guesses {
        std::deque<Failure> failures; ///< within the window, at most blockAfter
        TimePoint quietUntil{};
    };
    struct Bucket {
        std::optional<double> tokens; ///< none yet: full
        TimePoint filled{};
    };
    struct Trust {
        TimePoint success{};
        unsigned failures = 0; ///< since then
        Bucket requests;
    };
    using Pair = std::pair<IpAddress, std::string>; ///< source and user

    Trust* trusted(const IpAddress& source, std::string_view user);
    bool take(Bucket& bucket, unsigned perSecond, unsigned burst, double least) const;
    void distrust(const IpAddress& source, std::string_view user);
    void block(const IpAddress& source, std::string_view user);

    const Clock& m_clock;
    GuessLimits m_limits;
    OnBlock m_onBlock;
    Bucket m_all;
    RecentTable<IpAddress, Bucket> m_buckets;
    RecentTable<IpAddress, Guesses> m_guesses;
    RecentTable<IpAddress, Block> m_blocks; ///< apart, so that many who fail once push none of them out
    RecentTable<Pair, Trust> m_trusted;     ///< only who knows a password gets in
};

} // namespace sr::sip
