// SPDX-License-Identifier: GPL-3.0-or-later
// When packets were lost on the way to us, so that each call can tell how many were while it ran.
#pragma once

#include "core/base/clock.h"

#include <cstdint>
#include <deque>

namespace sr::capture {

/// One thread.
class DropLog {
public:
    static constexpr std::size_t kMost = 4096; ///< the oldest are joined

    /// `packets` were lost after `since`, at `until` at the latest.
    void add(UtcTime since, UtcTime until, std::uint64_t packets);
    /// Lost while [from, until] ran; what was lost at its edges counts whole.
    std::uint64_t between(UtcTime from, UtcTime until) const;
    std::uint64_t total() const { return m_total; }

private:
    struct Loss {
        UtcTime since{};
        UtcTime until{};
        std::uint64_t packets = 0;
    };
    std::deque<Loss> m_losses;
    std::uint64_t m_total = 0;
};

} // namespace sr::capture
