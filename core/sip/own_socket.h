// SPDX-License-Identifier: GPL-3.0-or-later
// A socket that Sofia has opened and keeps to itself, found again by its address.
#pragma once

#include "core/base/endpoint.h"

namespace sr::sip {

inline constexpr int kNoSocket = -1;

/// The UDP socket that this program has bound to just `bound`. kNoSocket if there is none, and always on
/// Windows, where sockets cannot be listed. It is still its opener's: valid as long as that listens.
int ownUdpSocket(const Endpoint& bound);
/// Without waiting; false if it was not sent.
bool sendFrom(int socket, const Endpoint& to, std::string_view datagram);

} // namespace sr::sip
