// SPDX-License-Identifier: GPL-3.0-or-later
// A socket that Sofia has opened and keeps to itself, found again by its address.
#pragma once

#include "core/sip/stranger_watch.h"

#include <optional>

namespace sr::sip {

inline constexpr int kNoSocket = -1;

/// Streams that others have opened to one of the listeners. Nothing: they cannot be listed, as on Windows.
std::optional<std::vector<Connection>> ownConnections(const std::vector<Endpoint>& listeners);
/// Nothing comes or goes by it any more; its opener sees that and closes it.
void endConnection(int socket);

/// The UDP socket that this program has bound to just `bound`. kNoSocket if there is none, and always on
/// Windows, where sockets cannot be listed. It is still its opener's: valid as long as that listens.
int ownUdpSocket(const Endpoint& bound);
/// Without waiting; false if it was not sent.
bool sendFrom(int socket, const Endpoint& to, std::string_view datagram);

} // namespace sr::sip
