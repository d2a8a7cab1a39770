// SPDX-License-Identifier: GPL-3.0-or-later
// No way is asked for again: it may be there now.
#include "core/sip/own_addresses.h"

namespace sr::sip {

IpAddress OwnAddresses::towards(const Endpoint& there)
{
    if (const auto known = m_known.find(there.address); known != m_known.end())
        return known->second;
    const IpAddress own = m_ask(there);
    if (own.isUnspecified())
        return own;
    if (m_known.size() >= kMost)
        m_known.clear();
    return m_known.emplace(there.address, own).first->second;
}

} // namespace sr::sip
