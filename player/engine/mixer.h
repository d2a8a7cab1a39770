// SPDX-License-Identifier: GPL-3.0-or-later
// Volumes and mixing of the two parties on application level: the machine's own volume is never touched.
#pragma once

#include "core/archive/recording.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace sr::player {

inline constexpr int kFullVolume = 100; ///< slider value at which samples pass unchanged

/// Slider positions and mutes as plain values.
struct MixSettings {
    std::array<int, 2> volume{kFullVolume, kFullVolume}; ///< [internal, external], 0 to 100
    std::array<bool, 2> muted{};
    int overall = kFullVolume;
    bool overallMuted = false;
};

/// The same, shared between the window (writes) and the playback thread (reads). Any thread, wait-free.
class MixControls {
public:
    void setVolume(std::size_t party, int percent) noexcept;
    void setMuted(std::size_t party, bool muted) noexcept;
    void setOverall(int percent) noexcept;
    void setOverallMuted(bool muted) noexcept;
    MixSettings settings() const noexcept;

private:
    std::array<std::atomic<int>, 2> m_volume{kFullVolume, kFullVolume};
    std::array<std::atomic<bool>, 2> m_muted{};
    std::atomic<int> m_overall{kFullVolume};
    std::atomic<bool> m_overallMuted{false};
};

/// Linear gain of a slider: square law, so that half way sounds about half as loud.
float gainOf(int percent) noexcept;

/// Loudest sample each party and the sum sent to the device in one block, 0 to 1.
struct BlockPeaks {
    std::array<float, 2> party{};
    float overall = 0;
};

/// Turns decoded frames into stereo for the device: internal left, external right, a single party or a mono
/// mix on both sides. Gains glide over a block so that moving a slider never clicks. Playback thread.
class Mixer {
public:
    /// `in`: interleaved [frame][channel]; `out`: the same frames, two channels.
    BlockPeaks mix(std::span<const std::int16_t> in, unsigned channels, archive::ChannelLayout layout,
                   const MixSettings& settings, std::span<std::int16_t> out) noexcept;
    /// Next block starts at its own gains, without a glide.
    void jump() noexcept { m_started = false; }

private:
    std::array<float, 2> m_gain{};
    bool m_started = false;
};

} // namespace sr::player
