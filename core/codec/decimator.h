// SPDX-License-Identifier: GPL-3.0-or-later
// Brings 32, 44.1 and 48 kHz down to 16 kHz packet by packet: as many samples out as the packet sounds, which
// a general resampler with its growing delay does not promise.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace sr::codec {

/// Polyphase low-pass and rational step. Delay: kHalfTaps samples of the output rate, constant.
class Decimator {
public:
    /// 0 < outRate <= inRate [Hz]
    Decimator(std::uint32_t inRate, std::uint32_t outRate);
    /// Appends floor((all input so far) * outRate / inRate) - (all output so far) samples.
    void process(std::span<const std::int16_t> in, std::vector<std::int16_t>& out);

private:
    static constexpr int kHalfTaps = 12; // zero crossings on each side of the filter

    std::uint32_t m_up;
    std::uint32_t m_down;
    std::size_t m_taps;           // per phase
    std::vector<float> m_filter;  // [phase][tap]
    std::vector<float> m_history; // last m_taps - 1 input samples, then the new ones
    std::uint32_t m_phase = 0;    // position of the next output between inputs, in 1/m_up
};

} // namespace sr::codec
