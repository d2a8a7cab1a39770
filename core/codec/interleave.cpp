// SPDX-License-Identifier: GPL-3.0-or-later
// Interleaving with SSE2, which every x86-64 has, and plainly elsewhere.
#include "core/codec/interleave.h"

#include "core/base/bytes.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace sr::codec {

void interleave(const std::byte* left, const std::byte* right, std::size_t frames, std::byte* out) noexcept
{
    std::size_t i = 0;
#if defined(__SSE2__)
    for (; i + 16 <= frames; i += 16) {
        const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(left + i));
        const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(right + i));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 2 * i), _mm_unpacklo_epi8(a, b));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 2 * i + 16), _mm_unpackhi_epi8(a, b));
    }
#endif
    for (; i < frames; ++i) {
        out[2 * i] = left[i];
        out[2 * i + 1] = right[i];
    }
}

void interleaveLe(const std::int16_t* left, const std::int16_t* right, std::size_t frames,
                  std::byte* out) noexcept
{
    for (std::size_t i = 0; i < frames; ++i) {
        storeLe(out + 4 * i, static_cast<std::uint16_t>(left[i]));
        storeLe(out + 4 * i + 2, static_cast<std::uint16_t>(right[i]));
    }
}

} // namespace sr::codec
