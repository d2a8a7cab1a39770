// SPDX-License-Identifier: GPL-3.0-or-later
// Windowed sinc in m_up phases; the output position advances by m_down / m_up input samples.
#include "core/codec/decimator.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace sr::codec {
namespace {

/// Blackman window over -1..1.
double window(double x)
{
    if (std::abs(x) >= 1.0)
        return 0.0;
    return 0.42 + 0.5 * std::cos(std::numbers::pi * x) + 0.08 * std::cos(2.0 * std::numbers::pi * x);
}

double sinc(double x)
{
    return std::abs(x) < 1e-9 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
}

} // namespace

Decimator::Decimator(std::uint32_t inRate, std::uint32_t outRate)
    : m_up(outRate / std::gcd(inRate, outRate))
    , m_down(inRate / std::gcd(inRate, outRate))
    , m_taps(2 * static_cast<std::size_t>(
                     std::ceil(kHalfTaps * static_cast<double>(inRate) / static_cast<double>(outRate))))
    , m_filter(m_up * m_taps)
    , m_history(m_taps - 1)
{
    // Corner a little below half the output rate, so that the slope ends near it.
    const double step = 0.92 * static_cast<double>(outRate) / static_cast<double>(inRate);
    const double half = static_cast<double>(m_taps) / 2.0;
    for (std::size_t phase = 0; phase < m_up; ++phase) {
        float* const row = m_filter.data() + phase * m_taps;
        double sum = 0.0;
        for (std::size_t tap = 0; tap < m_taps; ++tap) {
            const double at = static_cast<double>(tap) + 1.0 - half -
                              static_cast<double>(phase) / static_cast<double>(m_up);
            const double value = sinc(at * step) * window(at / half);
            row[tap] = static_cast<float>(value);
            sum += value;
        }
        for (std::size_t tap = 0; tap < m_taps; ++tap)
            row[tap] = static_cast<float>(static_cast<double>(row[tap]) / sum); // level 1 in every phase
    }
}

void Decimator::process(std::span<const std::int16_t> in, std::vector<std::int16_t>& out)
{
    std::transform(in.begin(), in.end(), std::back_inserter(m_history),
                   [](std::int16_t sample) { return static_cast<float>(sample); });
    // The next output stands m_phase / m_up after the first sample of the window; it is due once the input
    // has passed a whole output period.
    const std::uint64_t available = std::uint64_t{in.size()} * m_up + m_phase;
    const std::uint64_t count = available / m_down;
    std::uint64_t position = m_down - 1 - std::min<std::uint64_t>(m_phase, m_down - 1);
    for (std::uint64_t i = 0; i < count; ++i, position += m_down) {
        const auto first = static_cast<std::size_t>(position / m_up);
        const float* const row = m_filter.data() + (position % m_up) * m_taps;
        const float value = std::inner_product(row, row + m_taps,
                                               m_history.begin() + static_cast<std::ptrdiff_t>(first), 0.0F);
        out.push_back(static_cast<std::int16_t>(std::lround(std::clamp(value, -32768.0F, 32767.0F))));
    }
    m_phase = static_cast<std::uint32_t>(available % m_down);
    m_history.erase(m_history.begin(), m_history.end() - static_cast<std::ptrdiff_t>(m_taps - 1));
}

} // namespace sr::codec
