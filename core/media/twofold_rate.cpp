// SPDX-License-Identifier: GPL-3.0-or-later
// A half-band filter: every second coefficient but the middle one is zero, so half the work falls away.
#include "core/media/twofold_rate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sr::media {
namespace {

using HalfBand = std::array<float, kHalfBandTaps>;

/// The coefficients 1, 3, 5 ... samples (of 16 kHz) from the middle, for a gain of 1: a low-pass at 4 kHz
/// under a Hamming window, which lets 3.4 kHz pass and holds back 4.6 kHz by 50 dB.
HalfBand makeHalfBand()
{
    HalfBand taps{};
    float sum = 0;
    for (std::size_t i = 0; i < kHalfBandTaps; ++i) {
        const auto n = static_cast<double>(2 * i + 1);
        const double window = 0.54 + 0.46 * std::cos(std::numbers::pi * n / (2.0 * kHalfBandTaps));
        const double sign = i % 2 == 0 ? 1 : -1;
        taps[i] = static_cast<float>(sign / (std::numbers::pi * n) * window);
        sum += taps[i];
    }
    for (float& tap : taps)
        tap *= 0.25F / sum; // both sides and the middle of a half make one
    return taps;
}

const HalfBand& halfBand()
{
    static const HalfBand taps = makeHalfBand();
    return taps;
}

std::int16_t rounded(float value)
{
    return static_cast<std::int16_t>(std::lround(std::clamp(value, -32768.0F, 32767.0F)));
}

/// What went before, then what is new; what went before is kept for the next time.
template <std::size_t N>
void join(std::array<std::int16_t, N>& before, std::span<const std::int16_t> in,
          std::vector<std::int16_t>& line)
{
    line.assign(before.begin(), before.end());
    line.insert(line.end(), in.begin(), in.end());
    std::copy(line.end() - static_cast<std::ptrdiff_t>(N), line.end(), before.begin());
}

} // namespace

void RateDoubler::process(std::span<const std::int16_t> in, std::span<std::int16_t> out)
{
    const HalfBand& taps = halfBand();
    join(m_before, in, m_line);
    for (std::size_t i = 0; i < in.size(); ++i) {
        const std::int16_t* const left = m_line.data() + i + kHalfBandTaps - 1;
        float between = 0;
        for (std::size_t k = 0; k < kHalfBandTaps; ++k)
            between += taps[k] * static_cast<float>(*(left - k) + *(left + 1 + k));
        out[2 * i] = *left;
        out[2 * i + 1] = rounded(2 * between);
    }
}

void RateHalver::process(std::span<const std::int16_t> in, std::span<std::int16_t> out)
{
    const HalfBand& taps = halfBand();
    join(m_before, in, m_line);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::int16_t* const middle = m_line.data() + 2 * i + 2 * kHalfBandTaps - 1;
        float sum = 0.5F * static_cast<float>(*middle);
        for (std::size_t k = 0; k < kHalfBandTaps; ++k)
            sum += taps[k] * static_cast<float>(*(middle - (2 * k + 1)) + *(middle + (2 * k + 1)));
        out[i] = rounded(sum);
    }
}

} // namespace sr::media
