// SPDX-License-Identifier: GPL-3.0-or-later
// Notices that a registered device has come back by another connection or through another hole of its NAT.
#pragma once

#include "core/sip/sip_types.h"

#include <map>
#include <unordered_map>

namespace sr::sip {

/// One thread. Keeps what was bound at the last REGISTER of each user.
class DeviceWays {
public:
    struct Move {
        Source from;
        Source to;
        bool operator==(const Move&) const = default;
    };
    /// Of a REGISTER that was answered with 200 and `bound`. A way that several devices share, as behind a
    /// proxy, is left to the others: its dialogs do not move.
    std::vector<Move> learn(const RegisterRequest& request, const std::vector<Contact>& bound);

private:
    struct Device {
        std::string uri;
        std::string instance;
        Source way;
    };
    void leave(const Source& way);

    std::unordered_map<std::string, std::vector<Device>> m_users;
    std::map<Source, std::size_t> m_devices; ///< how many are there
};

} // namespace sr::sip
