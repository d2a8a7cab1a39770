// SPDX-License-Identifier: GPL-3.0-or-later
// The sum of what the members of a conference say in one beat.
#pragma once

#include "core/media/player.h"

#include <algorithm>

namespace sr::media {

inline constexpr std::size_t kMixSamples = kWideband / kFramesPerSecond;

constexpr std::int16_t saturated(int sum)
{
    return static_cast<std::int16_t>(std::clamp(sum, -32768, 32767));
}

/// Beat thread. First every member adds itself, then each takes out the others.
class Mix {
public:
    void add(std::uint64_t beat, std::span<const std::int16_t> own)
    {
        if (beat != m_beat)
            m_sum.fill(0);
        m_beat = beat;
        for (std::size_t i = 0; i < kMixSamples; ++i)
            m_sum[i] += own[i];
    }
    void others(std::span<const std::int16_t> own, std::span<std::int16_t> out) const
    {
        for (std::size_t i = 0; i < kMixSamples; ++i)
            out[i] = saturated(m_sum[i] - own[i]);
    }

private:
    std::uint64_t m_beat = ~std::uint64_t{0};
    std::array<int, kMixSamples> m_sum{}; // 65,536 members before it overflows
};

} // namespace sr::media
