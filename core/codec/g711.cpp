// SPDX-License-Identifier: GPL-3.0-or-later
// G.711 by table: codes computed at compile time from the segments of ITU-T G.711, loops left to the
// vectoriser.
#include "core/codec/g711.h"

#include <algorithm>
#include <array>
#include <bit>

namespace sr::codec {
namespace {

constexpr std::int16_t expandA(std::uint8_t code)
{
    const unsigned c = code ^ 0x55U; // even bits are inverted on the line
    const unsigned segment = (c >> 4) & 7U;
    const unsigned mantissa = ((c & 0xfU) << 4) | 8U; // middle of the step
    const int magnitude = static_cast<int>(segment == 0 ? mantissa : (mantissa | 0x100U) << (segment - 1));
    return static_cast<std::int16_t>((c & 0x80U) != 0 ? magnitude : -magnitude);
}

constexpr std::int16_t expandU(std::uint8_t code)
{
    const unsigned c = ~unsigned{code} & 0xffU;
    constexpr int kBias = 0x84;
    const int magnitude = static_cast<int>((((c & 0xfU) << 3) + kBias) << ((c >> 4) & 7U)) - kBias;
    return static_cast<std::int16_t>((c & 0x80U) != 0 ? -magnitude : magnitude);
}

/// ITU-T G.191: 13 bit with one's complement for negative values.
constexpr std::uint8_t compressA(int sample)
{
    const auto magnitude = static_cast<unsigned>(sample < 0 ? ~sample : sample) >> 4;
    unsigned code = magnitude;
    if (magnitude > 15) {
        const auto segment = static_cast<unsigned>(std::bit_width(magnitude)) - 4U;
        code = (segment << 4) | ((magnitude >> (segment - 1)) & 0xfU);
    }
    return static_cast<std::uint8_t>((sample < 0 ? code : code | 0x80U) ^ 0x55U);
}

/// ITU-T G.191: 14 bit with one's complement for negative values, bias 33.
constexpr std::uint8_t compressU(int sample)
{
    const auto magnitude =
        std::min((static_cast<unsigned>(sample < 0 ? ~sample : sample) >> 2) + 33U, 0x1fffU);
    const auto segment = static_cast<unsigned>(std::bit_width(magnitude)) - 6U;
    const unsigned code = (segment << 4) | ((magnitude >> (segment + 1)) & 0xfU);
    return static_cast<std::uint8_t>((sample < 0 ? code | 0x80U : code) ^ 0xffU);
}

template <typename Expand>
constexpr std::array<std::int16_t, 256> expandTable(Expand expand)
{
    std::array<std::int16_t, 256> table{};
    for (unsigned i = 0; i < table.size(); ++i)
        table[i] = expand(static_cast<std::uint8_t>(i));
    return table;
}

/// Codes by the upper 14 bits: neither law looks at the lower two, and 16 KiB stay in the first cache.
template <typename Compress>
constexpr std::array<std::uint8_t, 16384> compressTable(Compress compress)
{
    std::array<std::uint8_t, 16384> table{};
    for (unsigned i = 0; i < table.size(); ++i)
        table[i] = compress(static_cast<std::int16_t>(static_cast<std::uint16_t>(i << 2)));
    return table;
}

constexpr auto kExpandA = expandTable(expandA);
constexpr auto kExpandU = expandTable(expandU);
constexpr auto kCompressA = compressTable(compressA);
constexpr auto kCompressU = compressTable(compressU);

std::byte compressed(const std::array<std::uint8_t, 16384>& table, std::int16_t sample) noexcept
{
    return std::byte{table[static_cast<std::uint16_t>(sample) >> 2]};
}

} // namespace

void decodeG711(Law law, ByteView octets, std::span<std::int16_t> samples) noexcept
{
    const auto& table = law == Law::A ? kExpandA : kExpandU;
    const std::size_t count = std::min(octets.size(), samples.size());
    const std::byte* const in = octets.data();
    std::int16_t* const out = samples.data();
    for (std::size_t i = 0; i < count; ++i)
        out[i] = table[std::to_integer<std::size_t>(in[i])];
}

void encodeG711(Law law, std::span<const std::int16_t> samples, std::span<std::byte> octets) noexcept
{
    const auto& table = law == Law::A ? kCompressA : kCompressU;
    const std::size_t count = std::min(octets.size(), samples.size());
    const std::int16_t* const in = samples.data();
    std::byte* const out = octets.data();
    for (std::size_t i = 0; i < count; ++i)
        out[i] = compressed(table, in[i]);
}

std::int16_t decodeG711(Law law, std::byte octet) noexcept
{
    return (law == Law::A ? kExpandA : kExpandU)[std::to_integer<std::size_t>(octet)];
}

std::byte encodeG711(Law law, std::int16_t sample) noexcept
{
    return compressed(law == Law::A ? kCompressA : kCompressU, sample);
}

} // namespace sr::codec
