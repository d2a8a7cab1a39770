// SPDX-License-Identifier: GPL-3.0-or-later
// Reading and writing addresses.
#include "core/base/endpoint.h"

#include "core/base/address_text.h"

#include <algorithm>
#include <charconv>

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
    if (readIp6(terminated, a.octets))
        return a;
    Ip4Octets four{};
    if (!readIp4(terminated, four))
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
    return isV4() ? textOfIp4(octets.data() + 12) : textOfIp6(octets.data());
}

std::optional<Endpoint> Endpoint::parse(std::string_view text)
{
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.size() >= 2 && host.front() == '[' && host.back() == ']';
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    const auto address = IpAddress::parse(host);
    const char* const end = text.data() + text.size();
    std::uint16_t port = 0;
    const auto [read, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (!address || bracketed == (host.find(':') == std::string_view::npos) || error != std::errc() ||
        read != end)
        return std::nullopt;
    return Endpoint{*address, port};
}

std::string Endpoint::toString() const
{
    const std::string host = address.toString();
    return (address.isV4() ? host : "[" + host + "]") + ":" + std::to_string(port);
}

} // namespace sr
