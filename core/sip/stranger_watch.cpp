// SPDX-License-Identifier: GPL-3.0-or-later
// Who was there first may stay: a flood does not push out those who are about to register.
#include "core/sip/stranger_watch.h"

#include <algorithm>

namespace sr::sip {

std::vector<int> StrangerWatch::overdue(const std::vector<Connection>& all, const IsStranger& isStranger,
                                        std::chrono::steady_clock::time_point now)
{
    struct Stranger {
        const Connection* connection;
        std::chrono::steady_clock::time_point since;
    };
    std::vector<Stranger> strangers;
    decltype(m_since) since;
    for (const Connection& one : all) {
        if (!isStranger(one.there))
            continue;
        const auto before = m_since.find(one.there);
        since[one.there] = before != m_since.end() ? before->second : now;
        strangers.push_back({&one, since[one.there]});
    }
    m_since = std::move(since);
    std::ranges::stable_sort(strangers, {}, &Stranger::since);
    std::unordered_map<IpAddress, std::size_t> perAddress;
    std::size_t kept = 0;
    std::vector<int> out;
    for (const Stranger& one : strangers) {
        std::size_t& ofAddress = perAddress[one.connection->there.address];
        if (now - one.since > m_limits.longest || ofAddress == m_limits.perAddress || kept == m_limits.most) {
            out.push_back(one.connection->socket);
            continue;
        }
        ++ofAddress;
        ++kept;
    }
    return out;
}

} // namespace sr::sip
