// SPDX-License-Identifier: GPL-3.0-or-later
// Test tones and what is left of them: level, share of the energy at a frequency, frequency, position.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

namespace sr::test {

/// `hertz` at `amplitude`, starting at phase 0.
inline std::vector<std::int16_t> tone(double hertz, std::uint32_t rate, std::size_t samples,
                                      double amplitude = 8000)
{
    std::vector<std::int16_t> out(samples);
    for (std::size_t i = 0; i < samples; ++i)
        out[i] = static_cast<std::int16_t>(
            std::lround(amplitude * std::sin(2 * std::numbers::pi * hertz * static_cast<double>(i) /
                                             static_cast<double>(rate))));
    return out;
}

/// Root of the mean square.
inline double level(std::span<const std::int16_t> samples)
{
    double sum = 0;
    for (const double s : samples)
        sum += s * s;
    return std::sqrt(sum / static_cast<double>(samples.size()));
}

/// Level of the part at `hertz`, in the same unit as level(): equal to it for a pure tone.
inline double levelAt(std::span<const std::int16_t> samples, double hertz, std::uint32_t rate)
{
    double sine = 0;
    double cosine = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double angle =
            2 * std::numbers::pi * hertz * static_cast<double>(i) / static_cast<double>(rate);
        sine += samples[i] * std::sin(angle);
        cosine += samples[i] * std::cos(angle);
    }
    return std::hypot(sine, cosine) * std::numbers::sqrt2 / static_cast<double>(samples.size());
}

/// [dB] between two levels.
inline double decibel(double a, double b)
{
    return 20.0 * std::log10(a / b);
}

} // namespace sr::test
