// SPDX-License-Identifier: GPL-3.0-or-later
// Measuring sound: level of one frequency, loudness of a stretch.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

namespace sr::test {

/// Amplitude of `hz` in the samples, 0..1 of full scale (Goertzel).
inline double toneLevel(std::span<const std::int16_t> samples, double hz, double sampleRate)
{
    const double w = 2 * std::numbers::pi * hz / sampleRate;
    double s1 = 0;
    double s2 = 0;
    for (const std::int16_t sample : samples) {
        const double s0 = sample / 32768.0 + 2 * std::cos(w) * s1 - s2;
        s2 = s1;
        s1 = s0;
    }
    const double power = s1 * s1 + s2 * s2 - 2 * std::cos(w) * s1 * s2;
    return samples.empty() ? 0 : 2 * std::sqrt(std::max(power, 0.0)) / static_cast<double>(samples.size());
}

/// One channel of interleaved audio.
inline std::vector<std::int16_t> channelOf(std::span<const std::int16_t> interleaved, std::size_t channel,
                                           std::size_t channels)
{
    std::vector<std::int16_t> out;
    for (std::size_t i = channel; i < interleaved.size(); i += channels)
        out.push_back(interleaved[i]);
    return out;
}

} // namespace sr::test
