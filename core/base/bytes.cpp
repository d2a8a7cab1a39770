// SPDX-License-Identifier: GPL-3.0-or-later
// Hex and constant-time compare.
#include "core/base/bytes.h"

namespace sr {
namespace {

int nibble(char c) noexcept
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

std::string toHex(ByteView bytes)
{
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string out(bytes.size() * 2, '\0');
    char* at = out.data();
    for (const std::byte b : bytes) {
        *at++ = kDigits[std::to_integer<unsigned>(b) >> 4];
        *at++ = kDigits[std::to_integer<unsigned>(b) & 15U];
    }
    return out;
}

std::optional<Bytes> fromHex(std::string_view hex)
{
    if (hex.size() % 2 != 0)
        return std::nullopt;
    Bytes out;
    out.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = nibble(hex[i]);
        const int low = nibble(hex[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        out.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return out;
}

bool equalConstantTime(ByteView a, ByteView b) noexcept
{
    if (a.size() != b.size())
        return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= std::to_integer<unsigned>(a[i] ^ b[i]);
    return difference == 0;
}

} // namespace sr
