// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for many sockets at once: epoll on Linux, WSAPoll on Windows.
#pragma once

#include "core/base/clock.h"
#include "core/relay/udp_socket.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

namespace sr::relay {

/// Level-triggered: a socket in which something is left is told again.
class SocketSet {
public:
    /// Socket.
    static Result<std::unique_ptr<SocketSet>> create();
    virtual ~SocketSet() = default;

    /// Any thread. `what` comes out of wait() when the socket has something. Socket.
    virtual Status add(const UdpSocket& socket, void* what) = 0;
    /// Any thread. What wait() has returned already may still name the socket; the next wait() does not.
    virtual void remove(const UdpSocket& socket) noexcept = 0;
    /// One thread. Blocks until a socket has something, somebody calls wake() or `most` is over; then it may
    /// be empty.
    virtual std::span<void* const> wait(std::optional<milliseconds> most = {}) noexcept = 0;
    /// Any thread; wait-free but for the system itself.
    virtual void wake() noexcept = 0;
};

/// In the form that the system's calls take: -1 is for ever.
constexpr int pollTimeout(std::optional<milliseconds> most) noexcept
{
    return most ? static_cast<int>(std::clamp<milliseconds::rep>(most->count(), 0, 3'600'000)) : -1;
}

} // namespace sr::relay
