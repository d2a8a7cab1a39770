// SPDX-License-Identifier: GPL-3.0-or-later
// Connections of those who have never proven who they are: how many there may be, and for how long.
#pragma once

#include "core/base/clock.h"
#include "core/base/endpoint.h"

#include <functional>
#include <unordered_map>
#include <vector>

namespace sr::sip {

/// A connection that somebody has opened to us.
struct Connection {
    int socket = -1; ///< Sofia's
    Endpoint there;
};

struct StrangerLimits {
    std::chrono::seconds longest{60}; ///< without a proof; a phone registers in its first seconds (chosen)
    std::size_t perAddress = 64;      ///< of an address, with the phones of a whole site behind it (chosen)
    std::size_t most = 4096;          ///< of all together (chosen)
};

/// One thread.
class StrangerWatch {
public:
    using IsStranger = std::function<bool(const Endpoint& there)>;
    explicit StrangerWatch(StrangerLimits limits = {})
        : m_limits(limits)
    {}
    /// Of all connections that there are now those that have to go: the ones that are too old, then the
    /// newest that are too many.
    std::vector<int> overdue(const std::vector<Connection>& all, const IsStranger& isStranger,
                             std::chrono::steady_clock::time_point now);

private:
    StrangerLimits m_limits;
    std::unordered_map<Endpoint, std::chrono::steady_clock::time_point> m_since;
};

} // namespace sr::sip
