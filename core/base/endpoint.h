// SPDX-License-Identifier: GPL-3.0-or-later
// Where a datagram comes from or goes to: an IPv4 or IPv6 address and a port, as a small hashable value.
#pragma once

#include <array> // brings <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sr {

/// IPv4 is kept as the mapped address ::ffff:a.b.c.d (RFC 4291 §2.5.5.2), so both families compare alike.
struct IpAddress {
    std::array<std::uint8_t, 16> octets{}; ///< network byte order

    static IpAddress v4(std::uint32_t hostOrder) noexcept;
    /// Text of either family, without brackets, port or zone; nothing if it is not an address.
    static std::optional<IpAddress> parse(std::string_view text);
    bool isV4() const noexcept;
    bool isUnspecified() const noexcept; ///< 0.0.0.0 or ::, which SDP of old used for hold (RFC 2543)
    std::string toString() const;        ///< RFC 5952 for IPv6
    auto operator<=>(const IpAddress&) const = default;
    /// As two words: the array's own comparison calls memcmp().
    bool operator==(const IpAddress& other) const noexcept
    {
        return half(0) == other.half(0) && half(8) == other.half(8);
    }
    /// The eight octets from `at`, in memory order.
    std::uint64_t half(std::size_t at) const noexcept
    {
        std::uint64_t value = 0;
        std::memcpy(&value, octets.data() + at, sizeof value);
        return value;
    }
};

struct Endpoint {
    IpAddress address;
    std::uint16_t port = 0;
    /// What toString() gives; nothing if it is none.
    static std::optional<Endpoint> parse(std::string_view text);
    std::string toString() const; ///< `a.b.c.d:port` or `[v6]:port`
    auto operator<=>(const Endpoint&) const = default;
};

/// Cheap mix for hash tables that hold addresses from captures; not keyed, tables that hold them are bounded.
inline std::size_t hashOf(const Endpoint& e) noexcept
{
    const std::uint64_t high = e.address.half(0);
    const std::uint64_t low = e.address.half(8);
    std::uint64_t h = (low ^ (std::uint64_t{e.port} << 32)) * 0x9e3779b97f4a7c15ULL;
    h ^= (high + 0x7f4a7c159e3779b9ULL) * 0xff51afd7ed558ccdULL;
    return static_cast<std::size_t>(h ^ (h >> 29));
}

} // namespace sr

template <>
struct std::hash<sr::Endpoint> {
    std::size_t operator()(const sr::Endpoint& e) const noexcept { return sr::hashOf(e); }
};
template <>
struct std::hash<sr::IpAddress> {
    std::size_t operator()(const sr::IpAddress& a) const noexcept { return sr::hashOf({a, 0}); }
};
