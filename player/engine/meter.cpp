// SPDX-License-Identifier: GPL-3.0-or-later
// Ballistics of the meters.
#include "player/engine/meter.h"

#include <algorithm>
#include <cmath>

namespace sr::player {

namespace {
constexpr float kFallDbPerSecond = 24.0F; // chosen: between IEC 60268-10 type I (13) and fast digital meters
constexpr milliseconds kPeakHold{1500};   // chosen: long enough to read
} // namespace

float decibels(float linear) noexcept
{
    if (linear <= 0.0F)
        return kMeterFloorDb;
    return std::max(kMeterFloorDb, 20.0F * std::log10(linear));
}

void Meter::feed(const BlockPeaks& block) noexcept
{
    m_loudest[0] = std::max(m_loudest[0], block.party[0]);
    m_loudest[1] = std::max(m_loudest[1], block.party[1]);
    m_loudest[2] = std::max(m_loudest[2], block.overall);
}

Levels Meter::advance(milliseconds passed) noexcept
{
    const float fall = kFallDbPerSecond * static_cast<float>(passed.count()) / 1000.0F;
    for (std::size_t i = 0; i < m_loudest.size(); ++i) {
        const float now = decibels(m_loudest[i]);
        m_loudest[i] = 0;
        m_levels.db[i] = std::max(now, std::max(kMeterFloorDb, m_levels.db[i] - fall));
        m_held[i] += passed;
        if (now >= m_levels.peakDb[i]) {
            m_levels.peakDb[i] = now;
            m_held[i] = milliseconds{0};
        } else if (m_held[i] > kPeakHold) {
            m_levels.peakDb[i] = std::max(m_levels.db[i], m_levels.peakDb[i] - fall);
        }
    }
    return m_levels;
}

} // namespace sr::player
