// SPDX-License-Identifier: GPL-3.0-or-later
// Rhythms, and their sine waves.
#include "core/media/tone.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace sr::media {
namespace {

using std::chrono::milliseconds;

/// A sine of +3.14 dBm0 fills A-law's range (ITU-T G.711), which is that of 16 bits here.
constexpr double kFullScale = 3.14; // [dBm0]

Tone rhythm(double frequency, milliseconds sounds, milliseconds pauses)
{
    Tone tone;
    tone.steps.push_back({{frequency}, sounds});
    if (pauses.count() > 0)
        tone.steps.push_back({{}, pauses});
    return tone;
}

void append(const ToneStep& step, double amplitude, std::uint32_t rate, std::size_t count,
            std::vector<std::int16_t>& out)
{
    for (std::size_t i = 0; i < count; ++i) {
        double sum = 0;
        for (const double frequency : step.frequencies)
            sum += std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) / rate);
        out.push_back(static_cast<std::int16_t>(std::lround(std::clamp(amplitude * sum, -32768.0, 32767.0))));
    }
}

} // namespace

Tone Tone::dial(double frequency)
{
    return rhythm(frequency, milliseconds(1000), {});
}

Tone Tone::ringBack(double frequency)
{
    return rhythm(frequency, milliseconds(1000), milliseconds(4000));
}

Tone Tone::busy(double frequency)
{
    return rhythm(frequency, milliseconds(480), milliseconds(480));
}

Tone Tone::congestion(double frequency)
{
    return rhythm(frequency, milliseconds(240), milliseconds(240));
}

Tone Tone::information()
{
    Tone tone;
    for (const double frequency : {950.0, 1400.0, 1800.0})
        tone.steps.push_back({{frequency}, milliseconds(330)});
    tone.steps.push_back({{}, milliseconds(1000)});
    return tone;
}

Tone Tone::beep()
{
    return rhythm(1400, milliseconds(500), {});
}

std::vector<std::int16_t> render(const Tone& tone, std::uint32_t rate, std::size_t most)
{
    const double amplitude = 32767 * std::pow(10.0, (tone.level - kFullScale) / 20);
    std::vector<std::int16_t> out;
    for (const ToneStep& step : tone.steps) {
        const auto ms = static_cast<std::size_t>(std::max<milliseconds::rep>(step.length.count(), 0));
        append(step, amplitude, rate, std::min(ms * rate / 1000, most - out.size()), out);
    }
    return out;
}

} // namespace sr::media
