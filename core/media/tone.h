// SPDX-License-Identifier: GPL-3.0-or-later
// Tones of the telephone network (ITU-T E.180, E.182) as values: what sounds, and in which rhythm.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace sr::media {

/// A stretch of a tone's rhythm. No frequency: a pause.
struct ToneStep {
    std::vector<double> frequencies; ///< [Hz], at once
    std::chrono::milliseconds length{0};
    bool operator==(const ToneStep&) const = default;
};

/// One round of the rhythm; who plays it in a loop hears the tone. Every step begins at phase 0, so that
/// a step of whole periods continues itself.
struct Tone {
    std::vector<ToneStep> steps;
    double level = -10; ///< [dBm0] of each frequency; E.180 wants -15 to -5 for the audible tones
    bool operator==(const Tone&) const = default;

    // Germany's rhythms (E.180, supplement 2), which many countries share
    static Tone dial(double frequency = 425);       ///< without a pause
    static Tone ringBack(double frequency = 425);   ///< 1 s, 4 s pause
    static Tone busy(double frequency = 425);       ///< 480 ms, 480 ms pause
    static Tone congestion(double frequency = 425); ///< 240 ms, 240 ms pause
    static Tone information();                      ///< three rising tones (E.180 3.5)
    static Tone beep();                             ///< record after this: 1400 Hz, half a second
};

/// 16-bit mono samples of one round at `rate` [Hz], cut to `most` samples. Any thread.
std::vector<std::int16_t> render(const Tone& tone, std::uint32_t rate, std::size_t most);

} // namespace sr::media
