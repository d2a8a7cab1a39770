// SPDX-License-Identifier: GPL-3.0-or-later
// Two mono buffers to [frame][channel]: sixteen frames at a time where the processor can.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sr::codec {

/// `out` has room for 2 * frames octets.
void interleave(const std::byte* left, const std::byte* right, std::size_t frames, std::byte* out) noexcept;
/// Samples to little-endian octets; `out` has room for 4 * frames.
void interleaveLe(const std::int16_t* left, const std::int16_t* right, std::size_t frames,
                  std::byte* out) noexcept;

} // namespace sr::codec
