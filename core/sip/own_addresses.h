// SPDX-License-Identifier: GPL-3.0-or-later
// Our addresses towards others where we listen at all of ours, as the system's routes say.
#pragma once

#include "core/base/endpoint.h"

#include <functional>
#include <map>

namespace sr::sip {

/// One thread. The system is asked once for each address until forget(): to ask takes a socket, and a call
/// would ask four times.
class OwnAddresses {
public:
    static constexpr std::size_t kMost = 4096; ///< addresses of others that are known at once; chosen
    using Ask = std::function<IpAddress(const Endpoint& there)>;
    explicit OwnAddresses(Ask ask)
        : m_ask(std::move(ask))
    {}
    /// Unspecified: there is no way.
    IpAddress towards(const Endpoint& there);
    void forget() noexcept { m_known.clear(); } ///< every second or so, for routes change

private:
    Ask m_ask;
    std::map<IpAddress, IpAddress> m_known;
};

} // namespace sr::sip
