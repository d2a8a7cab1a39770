// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and writing addresses; the system's own converters know RFC 4291 and 5952.
#include "core/base/endpoint.h"

#include <algorithm>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

namespace sr {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

} // namespace

IpAddress IpAddress::v4(std::uint32_t hostOrder) noexcept
{
    IpAddress a;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), a.octets.begin());
    for (std::size_t i = 0; i < 4; ++i)
        a.octets[12 + i] = static_cast<std::uint8_t>(hostOrder >> (24 - 8 * i));
    return a;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text)
{
    const std::string terminated(text);
    if (terminated.size() != text.size() || terminated.find('\0') != std::string::npos)
        return std::nullopt;
    IpAddress a;
    if (inet_pton(AF_INET6, terminated.c_str(), a.octets.data()) == 1)
        return a;
    std::array<std::uint8_t, 4> four{};
    if (inet_pton(AF_INET, terminated.c_str(), four.data()) != 1)
        return std::nullopt;
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), a.octets.begin());
    std::copy(four.begin(), four.end(), a.octets.begin() + 12);
    return a;
}

bool IpAddress::isV4() const noexcept
{
    return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), octets.begin());
}

bool IpAddress::isUnspecified() const noexcept
{
    const auto first = octets.begin() + (isV4() ? 12 : 0);
    return std::all_of(first, octets.end(), [](std::uint8_t octet) { return octet == 0; });
}

std::string IpAddress::toString() const
{
    char text[INET6_ADDRSTRLEN] = {};
    const bool four = isV4();
    inet_ntop(four ? AF_INET : AF_INET6, octets.data() + (four ? 12 : 0), text, sizeof text);
    return text;
}

std::string Endpoint::toString() const
{
    const std::string host = address.toString();
    return (address.isV4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

} // namespace sr
