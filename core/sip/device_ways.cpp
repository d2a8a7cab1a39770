// SPDX-License-Identifier: GPL-3.0-or-later
// Devices are told apart as the registrar does it: by what they call themselves (RFC 5626 4.1), else by their
// URI.
#include "core/sip/device_ways.h"

#include <algorithm>

namespace sr::sip {
namespace {

template <typename A, typename B>
bool isSameDevice(const A& a, const B& b)
{
    return a.instance.empty() || b.instance.empty() ? a.uri == b.uri : a.instance == b.instance;
}

} // namespace

void DeviceWays::leave(const Source& way)
{
    const auto found = m_devices.find(way);
    if (found != m_devices.end() && --found->second == 0)
        m_devices.erase(found);
}

std::vector<DeviceWays::Move> DeviceWays::learn(const RegisterRequest& request,
                                                const std::vector<Contact>& bound)
{
    std::vector<Move> moves;
    std::vector<Device>& devices = m_users[request.user];
    for (const Contact& contact : request.contacts) {
        const auto old =
            std::ranges::find_if(devices, [&](const Device& d) { return isSameDevice(d, contact); });
        if (old != devices.end()) {
            leave(old->way);
            if (old->way != request.source && !m_devices.contains(old->way))
                moves.push_back({old->way, request.source});
            devices.erase(old);
        }
        devices.push_back({contact.uri, contact.instance, request.source});
        ++m_devices[request.source];
    }
    std::erase_if(devices, [&](const Device& device) {
        const bool isBound =
            std::ranges::any_of(bound, [&](const Contact& c) { return c.uri == device.uri; });
        if (!isBound)
            leave(device.way);
        return !isBound;
    });
    if (devices.empty())
        m_users.erase(request.user);
    return moves;
}

} // namespace sr::sip
