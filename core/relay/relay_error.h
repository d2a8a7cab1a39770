// SPDX-License-Identifier: GPL-3.0-or-later
// What can go wrong when media is to be relayed. Single packets never are errors; they are counted.
#pragma once

#include "core/base/error.h"

namespace sr::relay {

enum class RelayErrc {
    NoPorts = 1, ///< every pair of the port range is taken, by our calls or other programs
    Socket,      ///< the system refused a socket: not our address, or too many files open
    PortTaken,   ///< another program has this port; open() then tries the next and never returns it
    Family,      ///< IPv6 peer on an IPv4 side, or the reverse
    Dtls,        ///< OpenSSL refused a handshake, or it yielded no keys
    Ice,         ///< libnice refused an agent, or there is none
    Options,     ///< a port range without a pair, no thread or too many of them
};
const std::error_category& relayCategory() noexcept;
inline std::error_code make_error_code(RelayErrc e) noexcept
{
    return {static_cast<int>(e), relayCategory()};
}

} // namespace sr::relay

template <>
struct std::is_error_code_enum<sr::relay::RelayErrc> : std::true_type {};
