// SPDX-License-Identifier: GPL-3.0-or-later
// G.711 A-law and mu-law (ITU-T G.711) by table: the hot path of every call.
#pragma once

#include "core/base/bytes.h"

#include <cstdint>
#include <span>

namespace sr::codec {

enum class Law : std::uint8_t { A, U };

inline constexpr std::byte kALawSilence{0xd5};
inline constexpr std::byte kULawSilence{0xff};

/// Octets to linear 16-bit samples; the spans have equal length. Any thread, wait-free.
void decodeG711(Law law, ByteView octets, std::span<std::int16_t> samples) noexcept;
void encodeG711(Law law, std::span<const std::int16_t> samples, std::span<std::byte> octets) noexcept;
std::int16_t decodeG711(Law law, std::byte octet) noexcept;
std::byte encodeG711(Law law, std::int16_t sample) noexcept;

} // namespace sr::codec
