// SPDX-License-Identifier: GPL-3.0-or-later
// UDP sockets of POSIX systems.
#include "core/relay/socket_address.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sr::relay {
namespace {

int fileOf(UdpSocket::Handle handle)
{
    return static_cast<int>(handle);
}

Error socketError(int code, const char* what, const Endpoint& local)
{
    const auto errc = code == EADDRINUSE || code == EACCES ? RelayErrc::PortTaken : RelayErrc::Socket;
    return fail(errc, std::string(what) + " " + local.toString() + " (" + std::strerror(code) + ")");
}

/// An IPv6 socket that took IPv4 as well would show one phone under two addresses. A refused mark is no
/// error: sound without it is sound.
void setOptions(int file, bool v4)
{
    const int mark = UdpSocket::kTrafficClass;
    const int on = 1;
    if (v4) {
        (void)setsockopt(file, IPPROTO_IP, IP_TOS, &mark, sizeof mark);
        return;
    }
    (void)setsockopt(file, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    (void)setsockopt(file, IPPROTO_IPV6, IPV6_TCLASS, &mark, sizeof mark);
}

} // namespace

SocketAddress SocketAddress::of(const Endpoint& endpoint) noexcept
{
    return toSocketAddress<sockaddr_in, sockaddr_in6>(endpoint, AF_INET, AF_INET6);
}

Endpoint SocketAddress::endpoint() const noexcept
{
    return toEndpoint<sockaddr_in, sockaddr_in6>(*this, AF_INET, AF_INET6);
}

Result<UdpSocket> UdpSocket::bind(const Endpoint& local)
{
    const bool v4 = local.address.isV4();
    UdpSocket out;
    out.m_handle = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (out.m_handle == kNone)
        return socketError(errno == EACCES ? EPERM : errno, "open a socket for", local);
    setOptions(fileOf(out.m_handle), v4);
    const SocketAddress address = SocketAddress::of(local);
    if (::bind(fileOf(out.m_handle), reinterpret_cast<const sockaddr*>(address.octets.data()),
               address.size) != 0)
        return socketError(errno, "bind", local);
    return out;
}

/// A quarter of what this program may have open, files as well; the rest is for calls.
std::size_t UdpSocket::mostIdle() noexcept
{
    const long most = sysconf(_SC_OPEN_MAX);
    return most > 0 ? static_cast<std::size_t>(most) / 4 : 0;
}

UdpSocket::~UdpSocket()
{
    if (m_handle != kNone)
        ::close(fileOf(m_handle));
}

std::ptrdiff_t UdpSocket::receive(std::span<std::byte> buffer, SocketAddress& from) noexcept
{
    socklen_t size = sizeof from.octets;
    const ssize_t count = ::recvfrom(fileOf(m_handle), buffer.data(), buffer.size(), 0,
                                     reinterpret_cast<sockaddr*>(from.octets.data()), &size);
    from.size = size;
    return count;
}

bool UdpSocket::send(ByteView datagram, const SocketAddress& to) noexcept
{
    return ::sendto(fileOf(m_handle), datagram.data(), datagram.size(), 0,
                    reinterpret_cast<const sockaddr*>(to.octets.data()), to.size) >= 0;
}

Endpoint UdpSocket::local() const noexcept
{
    SocketAddress address;
    socklen_t size = sizeof address.octets;
    if (::getsockname(fileOf(m_handle), reinterpret_cast<sockaddr*>(address.octets.data()), &size) != 0)
        return {};
    address.size = size;
    return address.endpoint();
}

} // namespace sr::relay
