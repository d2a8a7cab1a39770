// SPDX-License-Identifier: GPL-3.0-or-later
// Between the two rates of telephony, 8 and 16 kHz, frame by frame and without drift.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace sr::media {

inline constexpr std::size_t kHalfBandTaps = 12; ///< on each side, other than the middle and zeros

/// 8 to 16 kHz. One thread at a time; keeps the end of what went before. Delay: 12 samples of 8 kHz.
class RateDoubler {
public:
    /// `out` holds exactly twice as many.
    void process(std::span<const std::int16_t> in, std::span<std::int16_t> out);

private:
    std::array<std::int16_t, 2 * kHalfBandTaps - 1> m_before{};
    std::vector<std::int16_t> m_line;
};

/// 16 to 8 kHz, without what sounds above 4 kHz. Delay: 23 samples of 16 kHz.
class RateHalver {
public:
    /// `out` holds exactly half as many; `in` is even.
    void process(std::span<const std::int16_t> in, std::span<std::int16_t> out);

private:
    std::array<std::int16_t, 4 * kHalfBandTaps - 2> m_before{};
    std::vector<std::int16_t> m_line;
};

} // namespace sr::media
