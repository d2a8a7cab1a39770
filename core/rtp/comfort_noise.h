// SPDX-License-Identifier: GPL-3.0-or-later
// Comfort noise (RFC 3389): the level a phone sends while nobody talks, and noise of that level.
#pragma once

#include "core/base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace sr::rtp {

inline constexpr std::size_t kMaxNoiseOrder = 12; ///< reflection coefficients kept of a payload

/// Payload of a CN packet (RFC 3389 §3).
struct ComfortNoise {
    std::uint8_t level = 127; ///< [-dBov], 0 loudest to 127
    std::size_t order = 0;    ///< coefficients that follow
    std::array<float, kMaxNoiseOrder> reflection{};
};

/// Nothing for an empty payload. Coefficients past kMaxNoiseOrder are left out, as §3.1 allows.
std::optional<ComfortNoise> parseComfortNoise(ByteView payload) noexcept;

/// Noise of one level and colour. The same seed and settings give the same samples on every machine, so that
/// a recording converted twice is the same file. One thread at a time, no allocation.
class NoiseGenerator {
public:
    explicit NoiseGenerator(std::uint32_t seed = 1);
    void set(const ComfortNoise& noise);
    void fill(std::span<std::int16_t> samples);

private:
    std::uint32_t m_state;
    std::int32_t m_amplitude = 0; // of the white source, Q6 samples
    std::size_t m_order = 0;
    std::array<std::int32_t, kMaxNoiseOrder> m_reflection{}; // Q15
    std::array<std::int64_t, kMaxNoiseOrder + 1> m_lattice{};
};

} // namespace sr::rtp
