// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing lists the sockets of a process here.
#include "core/sip/own_socket.h"

namespace sr::sip {

std::optional<std::vector<Connection>> ownConnections(const std::vector<Endpoint>& /*listeners*/)
{
    return std::nullopt;
}

void endConnection(int /*socket*/) {}

int ownUdpSocket(const Endpoint& /*bound*/)
{
    return kNoSocket;
}

bool sendFrom(int /*socket*/, const Endpoint& /*to*/, std::string_view /*datagram*/)
{
    return false;
}

} // namespace sr::sip
