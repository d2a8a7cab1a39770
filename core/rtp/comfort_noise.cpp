// SPDX-License-Identifier: GPL-3.0-or-later
// White noise from a small generator, coloured by the all-pole lattice of RFC 3389 §3.2; integers only, for
// the result must not depend on the machine.
#include "core/rtp/comfort_noise.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sr::rtp {
namespace {

constexpr int kFraction = 6; // bits below one sample step

} // namespace

std::optional<ComfortNoise> parseComfortNoise(ByteView payload) noexcept
{
    if (payload.empty())
        return std::nullopt;
    ComfortNoise noise;
    noise.level = std::to_integer<std::uint8_t>(payload[0]) & 0x7f; // upper bit is reserved
    noise.order = std::min(payload.size() - 1, kMaxNoiseOrder);
    // §3.2: N = 127 (k + 1), 255 being unused.
    for (std::size_t i = 0; i < noise.order; ++i)
        noise.reflection[i] = std::clamp(
            (static_cast<float>(std::to_integer<int>(payload[i + 1])) - 127.0F) / 127.0F, -0.99F, 0.99F);
    return noise;
}

NoiseGenerator::NoiseGenerator(std::uint32_t seed)
    : m_state(seed == 0 ? 1 : seed)
{}

void NoiseGenerator::set(const ComfortNoise& noise)
{
    // 0 dBov is the power of a full-scale square wave; uniform noise of amplitude A has the power A^2 / 3.
    double rms = 32767.0 * std::pow(10.0, -noise.level / 20.0);
    m_order = std::min(noise.order, kMaxNoiseOrder);
    for (std::size_t i = 0; i < m_order; ++i) {
        const double k = static_cast<double>(noise.reflection[i]);
        m_reflection[i] = static_cast<std::int32_t>(std::lround(k * 32768.0));
        rms *= std::sqrt(1.0 - k * k); // the lattice gains what this takes away
    }
    m_amplitude = static_cast<std::int32_t>(std::lround(rms * std::sqrt(3.0) * (1 << kFraction)));
    if (noise.level >= 127)
        m_amplitude = 0;
}

void NoiseGenerator::fill(std::span<std::int16_t> samples)
{
    constexpr std::int64_t kLimit = std::int64_t{32767} << kFraction;
    for (std::int16_t& sample : samples) {
        m_state ^= m_state << 13; // xorshift32
        m_state ^= m_state >> 17;
        m_state ^= m_state << 5;
        const auto white = static_cast<std::int64_t>(static_cast<std::int32_t>(m_state));
        std::int64_t forward = (white * m_amplitude) >> 31;
        for (std::size_t i = m_order; i-- > 0;) {
            forward -= (m_reflection[i] * m_lattice[i]) >> 15;
            m_lattice[i + 1] = m_lattice[i] + ((m_reflection[i] * forward) >> 15);
        }
        forward = std::clamp(forward, -kLimit, kLimit);
        m_lattice[0] = forward;
        sample = static_cast<std::int16_t>((forward + (1 << (kFraction - 1))) >> kFraction);
    }
}

} // namespace sr::rtp
