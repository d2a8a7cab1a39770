// SPDX-License-Identifier: GPL-3.0-or-later
// Polyphase table: one set of taps for each position between two input frames.
#include "player/engine/resampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace sr::player {

Resampler::Resampler(std::uint32_t from, std::uint32_t to)
    : m_from(from)
    , m_to(to)
{
    const std::uint32_t common = std::gcd(from, to);
    m_from /= common;
    m_to /= common;
    m_phases.resize(m_to);
    for (std::uint32_t phase = 0; phase < m_to; ++phase) {
        const double offset = static_cast<double>(phase) / m_to;
        double sum = 0;
        std::array<double, kTaps> taps{};
        for (std::size_t i = 0; i < kTaps; ++i) {
            const double x = static_cast<double>(i) - (kTaps / 2.0 - 1.0) - offset;
            const double sinc = x == 0.0 ? 1.0 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
            const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * x / (kTaps / 2.0)); // Hann
            taps[i] = std::fabs(x) < kTaps / 2.0 ? sinc * window : 0.0;
            sum += taps[i];
        }
        for (std::size_t i = 0; i < kTaps; ++i)
            m_phases[phase][i] = static_cast<float>(taps[i] / sum); // exactly 1 for a steady level
    }
    m_input.assign(kTaps * 2, 0);
}

void Resampler::pull(std::span<std::int16_t> out, const Pull& source)
{
    const std::size_t frames = out.size() / 2;
    const std::uint64_t last = m_step + static_cast<std::uint64_t>(frames) * m_from;
    const std::size_t fresh = static_cast<std::size_t>(last / m_to);
    const std::size_t kept = m_input.size();
    m_input.resize(kept + fresh * 2);
    source(std::span(m_input).subspan(kept));

    std::size_t base = 0;
    for (std::size_t frame = 0; frame < frames; ++frame) {
        const std::array<float, kTaps>& taps = m_phases[m_step];
        for (std::size_t side = 0; side < 2; ++side) {
            float sum = 0;
            for (std::size_t i = 0; i < kTaps; ++i)
                sum += taps[i] * static_cast<float>(m_input[(base + i) * 2 + side]);
            out[frame * 2 + side] =
                static_cast<std::int16_t>(std::lrint(std::clamp(sum, -32768.0F, 32767.0F)));
        }
        m_step += m_from;
        base += m_step / m_to;
        m_step %= m_to;
    }
    m_input.erase(m_input.begin(), m_input.begin() + static_cast<std::ptrdiff_t>(base * 2));
}

} // namespace sr::player
