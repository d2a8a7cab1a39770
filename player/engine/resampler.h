// SPDX-License-Identifier: GPL-3.0-or-later
// Stereo resampling by a windowed sinc, for devices that refuse telephone rates.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace sr::player {

/// Upwards only (telephone rates to device rates); stop band about -60 dB. One thread.
class Resampler {
public:
    using Pull = std::function<void(std::span<std::int16_t> out)>;

    Resampler(std::uint32_t from, std::uint32_t to);
    /// Fills `out` (stereo frames at the new rate), pulling what it needs at the old one.
    void pull(std::span<std::int16_t> out, const Pull& source);

private:
    static constexpr std::size_t kTaps = 16;
    std::uint32_t m_from;
    std::uint32_t m_to;
    std::uint32_t m_step = 0; ///< position between two input frames, in 1/m_to
    std::vector<std::array<float, kTaps>> m_phases;
    std::vector<std::int16_t> m_input; ///< stereo; the first kTaps frames surround the position
};

} // namespace sr::player
