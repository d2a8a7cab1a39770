// SPDX-License-Identifier: GPL-3.0-or-later
// Names are left alone: who looks them up is Sofia.
#include "core/sip/host_text.h"

#include <sofia-sip/url.h>

#include <charconv>

namespace sr::sip {
namespace {

constexpr std::uint16_t kPort = 5060;
constexpr std::uint16_t kTlsPort = 5061;

std::uint16_t usualPort(Transport transport)
{
    return transport == Transport::Tls ? kTlsPort : kPort;
}

} // namespace

std::optional<Endpoint> endpointIn(const std::string& host, Transport transport)
{
    if (const auto endpoint = Endpoint::parse(host))
        return endpoint;
    const bool isBracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const auto address = IpAddress::parse(isBracketed ? host.substr(1, host.size() - 2) : host);
    return address ? std::optional(Endpoint{*address, usualPort(transport)}) : std::nullopt;
}

std::optional<Endpoint> endpointOfUri(const std::string& uri)
{
    std::string text = uri;
    url_t url;
    if (url_d(&url, text.data()) != 0 || url.url_host == nullptr)
        return std::nullopt;
    const std::string port = url_port(&url);
    return Endpoint::parse(std::string(url.url_host) + ":" + port);
}

std::uint16_t portIn(const std::string& host, Transport transport)
{
    const std::size_t colon = host.rfind(':');
    const std::size_t bracket = host.rfind(']');
    if (colon == host.npos || (bracket != host.npos && colon < bracket))
        return usualPort(transport);
    std::uint16_t port = 0;
    std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
    return port;
}

} // namespace sr::sip
