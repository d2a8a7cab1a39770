// SPDX-License-Identifier: GPL-3.0-or-later
// A tone that somebody has said, found again in a recording.
#pragma once

#include "tests/support/measure.h"
#include "tests/support/whole_sound.h"

#include <algorithm>

namespace sr::test {

/// Where a tone is heard first and last, and the longest silence between [s].
struct Heard {
    double level = 0; ///< in the middle, of full scale
    double first = -1;
    double last = -1;
    double longestGap = 0;
};

inline Heard heard(const WholeSound& sound, std::size_t channel, double hz)
{
    const auto samples = channelOf(sound.samples, channel, sound.channels);
    const std::size_t block = sound.rate / 100; // 10 ms
    Heard out;
    for (std::size_t at = 0; at + block <= samples.size(); at += block) {
        const double now = static_cast<double>(at) / sound.rate;
        if (toneLevel(std::span(samples).subspan(at, block), hz, sound.rate) < 0.05)
            continue;
        if (out.first < 0)
            out.first = now;
        else
            out.longestGap = std::max(out.longestGap, now - out.last - 0.01);
        out.last = now;
    }
    const std::size_t middle = samples.size() / 2;
    out.level = toneLevel(
        std::span(samples).subspan(middle, std::min<std::size_t>(sound.rate / 2, samples.size() - middle)),
        hz, sound.rate);
    return out;
}

} // namespace sr::test
