// SPDX-License-Identifier: GPL-3.0-or-later
// Per-sample gain, glide and saturation; which party sounds on which side.
#include "player/engine/mixer.h"

#include <algorithm>
#include <cmath>

namespace sr::player {

namespace {

int bounded(int percent)
{
    return std::clamp(percent, 0, kFullVolume);
}

std::int16_t saturate(float sample)
{
    return static_cast<std::int16_t>(std::lrint(std::clamp(sample, -32768.0F, 32767.0F)));
}

/// Which input channel each party has, and which party feeds each side.
struct Wiring {
    std::array<int, 2> channelOf{0, 1}; ///< -1: this party is not in the file
    std::array<std::size_t, 2> side{0, 1};
};

Wiring wiringOf(unsigned channels, archive::ChannelLayout layout)
{
    using archive::ChannelLayout;
    if (channels >= 2)
        return {};
    switch (layout) {
    case ChannelLayout::InternalOnly:
        return {{0, -1}, {0, 0}};
    case ChannelLayout::ExternalOnly:
        return {{-1, 0}, {1, 1}};
    case ChannelLayout::Mono:
    case ChannelLayout::Stereo:
        break;
    }
    return {{0, 0}, {0, 1}};
}

} // namespace

void MixControls::setVolume(std::size_t party, int percent) noexcept
{
    m_volume.at(party).store(bounded(percent), std::memory_order_relaxed);
}

void MixControls::setMuted(std::size_t party, bool muted) noexcept
{
    m_muted.at(party).store(muted, std::memory_order_relaxed);
}

void MixControls::setOverall(int percent) noexcept
{
    m_overall.store(bounded(percent), std::memory_order_relaxed);
}

void MixControls::setOverallMuted(bool muted) noexcept
{
    m_overallMuted.store(muted, std::memory_order_relaxed);
}

MixSettings MixControls::settings() const noexcept
{
    // Independent values: nobody hears a slider and a mute that are one block apart.
    MixSettings now;
    for (std::size_t party = 0; party < 2; ++party) {
        now.volume[party] = m_volume[party].load(std::memory_order_relaxed);
        now.muted[party] = m_muted[party].load(std::memory_order_relaxed);
    }
    now.overall = m_overall.load(std::memory_order_relaxed);
    now.overallMuted = m_overallMuted.load(std::memory_order_relaxed);
    return now;
}

float gainOf(int percent) noexcept
{
    const float part = static_cast<float>(bounded(percent)) / static_cast<float>(kFullVolume);
    return part * part;
}

BlockPeaks Mixer::mix(std::span<const std::int16_t> in, unsigned channels, archive::ChannelLayout layout,
                      const MixSettings& settings, std::span<std::int16_t> out) noexcept
{
    BlockPeaks peaks;
    const std::size_t frames = channels == 0 ? 0 : std::min(in.size() / channels, out.size() / 2);
    if (frames == 0)
        return peaks;
    const float overall = settings.overallMuted ? 0.0F : gainOf(settings.overall);
    std::array<float, 2> target{};
    std::array<float, 2> step{};
    for (std::size_t party = 0; party < 2; ++party) {
        target[party] = settings.muted[party] ? 0.0F : gainOf(settings.volume[party]) * overall;
        if (!m_started)
            m_gain[party] = target[party];
        step[party] = (target[party] - m_gain[party]) / static_cast<float>(frames);
    }
    m_started = true;

    const Wiring wiring = wiringOf(channels, layout);
    for (std::size_t frame = 0; frame < frames; ++frame) {
        std::array<float, 2> voice{};
        for (std::size_t party = 0; party < 2; ++party) {
            m_gain[party] += step[party];
            if (wiring.channelOf[party] < 0)
                continue;
            const std::size_t at = frame * channels + static_cast<std::size_t>(wiring.channelOf[party]);
            voice[party] = static_cast<float>(in[at]) * m_gain[party];
            peaks.party[party] = std::max(peaks.party[party], std::fabs(voice[party]));
        }
        for (std::size_t side = 0; side < 2; ++side) {
            const float sample = voice[wiring.side[side]];
            peaks.overall = std::max(peaks.overall, std::fabs(sample));
            out[frame * 2 + side] = saturate(sample);
        }
    }
    m_gain = target; // the sum of many small steps is not exact
    for (float& peak : peaks.party)
        peak = std::min(1.0F, peak / 32768.0F);
    peaks.overall = std::min(1.0F, peaks.overall / 32768.0F);
    return peaks;
}

} // namespace sr::player
