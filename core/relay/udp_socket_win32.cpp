// SPDX-License-Identifier: GPL-3.0-or-later
// UDP sockets of Windows. Marks of the traffic class are left to its policies: programs may not set them.
#include "core/relay/socket_address.h"

#include <mswsock.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstdint>
#include <mutex>

namespace sr::relay {
namespace {

static_assert(static_cast<UdpSocket::Handle>(INVALID_SOCKET) == UdpSocket::kNone);

SOCKET socketOf(UdpSocket::Handle handle)
{
    return static_cast<SOCKET>(handle);
}

/// Winsock counts its users; this one stays until the program ends.
void startWinsock()
{
    static std::once_flag once;
    std::call_once(once, [] {
        WSADATA data;
        (void)WSAStartup(MAKEWORD(2, 2), &data); // if it fails, so does the first socket, with an error
    });
}

/// WSAEACCES: the port lies in a range that Windows keeps for others, or somebody holds it for himself alone.
Error socketError(int code, const char* what, const Endpoint& local)
{
    const auto errc = code == WSAEADDRINUSE || code == WSAEACCES ? RelayErrc::PortTaken : RelayErrc::Socket;
    return fail(errc,
                std::string(what) + " " + local.toString() + " (Windows error " + std::to_string(code) + ")");
}

/// Nobody else binds the port as well; and a device whose port is closed is no error of our next receive().
void setOptions(SOCKET socket)
{
    const BOOL on = TRUE;
    (void)setsockopt(socket, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&on), sizeof on);
    BOOL off = FALSE;
    DWORD ignored = 0;
    (void)WSAIoctl(socket, SIO_UDP_CONNRESET, &off, sizeof off, nullptr, 0, &ignored, nullptr, nullptr);
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
    startWinsock();
    UdpSocket out;
    const int family = local.address.isV4() ? AF_INET : AF_INET6;
    out.m_handle = static_cast<Handle>(
        WSASocketW(family, SOCK_DGRAM, IPPROTO_UDP, nullptr, 0, WSA_FLAG_NO_HANDLE_INHERIT));
    if (out.m_handle == kNone)
        return socketError(WSAGetLastError(), "open a socket for", local);
    u_long on = 1;
    if (ioctlsocket(socketOf(out.m_handle), static_cast<long>(FIONBIO), &on) != 0)
        return fail(RelayErrc::Socket, "a socket that does not wait for " + local.toString());
    setOptions(socketOf(out.m_handle));
    const SocketAddress address = SocketAddress::of(local);
    if (::bind(socketOf(out.m_handle), reinterpret_cast<const sockaddr*>(address.octets.data()),
               static_cast<int>(address.size)) != 0)
        return socketError(WSAGetLastError(), "bind", local);
    return out;
}

std::size_t UdpSocket::mostIdle() noexcept
{
    return 128; // to watch them costs each turn (SocketSet)
}

UdpSocket::~UdpSocket()
{
    if (m_handle != kNone)
        closesocket(socketOf(m_handle));
}

std::ptrdiff_t UdpSocket::receive(std::span<std::byte> buffer, SocketAddress& from) noexcept
{
    int size = sizeof from.octets;
    const int count = ::recvfrom(socketOf(m_handle), reinterpret_cast<char*>(buffer.data()),
                                 static_cast<int>(buffer.size()), 0,
                                 reinterpret_cast<sockaddr*>(from.octets.data()), &size);
    from.size = static_cast<std::uint32_t>(size);
    if (count < 0 && WSAGetLastError() == WSAEMSGSIZE)
        return static_cast<std::ptrdiff_t>(buffer.size());
    return count;
}

bool UdpSocket::send(ByteView datagram, const SocketAddress& to) noexcept
{
    return ::sendto(socketOf(m_handle), reinterpret_cast<const char*>(datagram.data()),
                    static_cast<int>(datagram.size()), 0, reinterpret_cast<const sockaddr*>(to.octets.data()),
                    static_cast<int>(to.size)) >= 0;
}

Endpoint UdpSocket::local() const noexcept
{
    SocketAddress address;
    int size = sizeof address.octets;
    if (getsockname(socketOf(m_handle), reinterpret_cast<sockaddr*>(address.octets.data()), &size) != 0)
        return {};
    address.size = static_cast<std::uint32_t>(size);
    return address.endpoint();
}

} // namespace sr::relay
