// SPDX-License-Identifier: GPL-3.0-or-later
// The waveform of both parties: loudest and lowest sample per slice of the recording, growing while it is
// read.
#pragma once

#include "core/archive/recording.h"
#include "core/codec/audio_file.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace sr::player {

struct PeakPair {
    std::int16_t low = 0;
    std::int16_t high = 0;
};

/// Slices of equal length over the whole recording; those not yet read are flat.
struct Peaks {
    std::array<std::vector<PeakPair>, 2> party; ///< [internal, external]; empty: this party is not recorded
    bool mixed = false;                         ///< the first stands for both parties
    std::size_t ready = 0;                      ///< slices read so far
    bool complete = false;
    std::size_t slices() const { return std::max(party[0].size(), party[1].size()); }
};

using PeaksPtr = std::shared_ptr<const Peaks>;

/// Reads the whole recording, calling `publish` with a growing copy about every 40 ms and once at the end.
/// Stops early, without another call, when `cancelled` turns true. An error ends the waveform where it
/// stands. Worker, may block.
Status computePeaks(codec::AudioReader& reader, archive::ChannelLayout layout, std::size_t slices,
                    const std::atomic<bool>& cancelled, const std::function<void(PeaksPtr)>& publish);

} // namespace sr::player
