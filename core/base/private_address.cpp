// SPDX-License-Identifier: GPL-3.0-or-later
// A table for IPv4, three rules for IPv6.
#include "core/base/private_address.h"

#include <algorithm>
#include <iterator>

namespace sr {
namespace {

struct Block {
    std::uint32_t first;
    std::uint32_t mask;
};
constexpr Block kBlocks[] = {
    {0x0a000000U, 0xff000000U}, // 10/8
    {0x64400000U, 0xffc00000U}, // 100.64/10
    {0x7f000000U, 0xff000000U}, // 127/8
    {0xa9fe0000U, 0xffff0000U}, // 169.254/16
    {0xac100000U, 0xfff00000U}, // 172.16/12
    {0xc0a80000U, 0xffff0000U}, // 192.168/16
};

} // namespace

bool isPrivate(const IpAddress& address) noexcept
{
    const auto& octets = address.octets;
    if (address.isV4()) {
        const std::uint32_t word = std::uint32_t{octets[12]} << 24U | std::uint32_t{octets[13]} << 16U |
                                   std::uint32_t{octets[14]} << 8U | octets[15];
        return std::ranges::any_of(kBlocks,
                                   [&](const Block& block) { return (word & block.mask) == block.first; });
    }
    const bool isLocal = (octets[0] & 0xfeU) == 0xfcU;                           // fc00::/7
    const bool isOfTheLink = octets[0] == 0xfeU && (octets[1] & 0xc0U) == 0x80U; // fe80::/10
    return isLocal || isOfTheLink ||
           (octets[15] == 1 && std::all_of(octets.begin(), std::prev(octets.end()),
                                           [](std::uint8_t octet) { return octet == 0; }));
}

} // namespace sr
