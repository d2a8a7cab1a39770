// SPDX-License-Identifier: GPL-3.0-or-later
// Level meters: fast rise, even fall, and a peak mark that stays for a while.
#pragma once

#include "core/base/clock.h"
#include "player/engine/mixer.h"

#include <array>

namespace sr::player {

inline constexpr float kMeterFloorDb = -60.0F; ///< below this a meter is empty

/// What the meters show, in dB of full scale, never under kMeterFloorDb. Index: internal, external, overall.
struct Levels {
    std::array<float, 3> db{kMeterFloorDb, kMeterFloorDb, kMeterFloorDb};
    std::array<float, 3> peakDb{kMeterFloorDb, kMeterFloorDb, kMeterFloorDb}; ///< held
};

float decibels(float linear) noexcept;

/// One thread. Time is passed in, so that the fall does not depend on the size of the blocks.
class Meter {
public:
    void feed(const BlockPeaks& block) noexcept;
    /// Levels after `passed` time since the last call: rises at once, falls 24 dB/s, holds peaks 1.5 s.
    Levels advance(milliseconds passed) noexcept;
    void reset() noexcept { *this = Meter{}; }

private:
    std::array<float, 3> m_loudest{};
    std::array<milliseconds, 3> m_held{};
    Levels m_levels;
};

} // namespace sr::player
