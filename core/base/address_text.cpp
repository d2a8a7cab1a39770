// SPDX-License-Identifier: GPL-3.0-or-later
// Addresses as text: the same calls everywhere (RFC 3493 6.3), from other headers. Windows' need no
// WSAStartup().
#include "core/base/address_text.h"

#include <charconv>
#include <iterator>

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#endif

namespace sr {

bool readIp4(const std::string& text, Ip4Octets& out)
{
    return ::inet_pton(AF_INET, text.c_str(), out.data()) == 1;
}

bool readIp6(const std::string& text, Ip6Octets& out)
{
    return ::inet_pton(AF_INET6, text.c_str(), out.data()) == 1;
}

std::string textOfIp4(const std::uint8_t* octets)
{
    char text[INET_ADDRSTRLEN];
    char* end = text;
    for (int i = 0; i < 4; ++i) { // inet_ntop() goes by printf(), and a call needs ten of these
        end = std::to_chars(end, std::end(text), octets[i]).ptr;
        *end++ = '.';
    }
    return {text, end - 1};
}

std::string textOfIp6(const std::uint8_t* octets)
{
    char text[INET6_ADDRSTRLEN] = {};
    ::inet_ntop(AF_INET6, octets, text, sizeof text);
    return text;
}

} // namespace sr
