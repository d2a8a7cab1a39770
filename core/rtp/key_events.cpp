// SPDX-License-Identifier: GPL-3.0-or-later
// Each event tells how long the key has been down so far.
#include "core/rtp/key_events.h"

#include "core/rtp/telephone_event.h"

#include <algorithm>
#include <utility>

namespace sr::rtp {

void KeyEvents::press(std::uint8_t code, std::uint16_t length) noexcept
{
    m_code = code;
    m_length = length;
    m_isDown = true;
    m_isNew = true;
    m_ends = 0;
}

KeyEvents::Event KeyEvents::next(std::uint32_t timestamp, std::uint32_t frame) noexcept
{
    const bool isFirst = std::exchange(m_isNew, false);
    if (isFirst)
        m_start = timestamp;
    const std::uint32_t lasts = timestamp - m_start + frame; // too long where a stream jumps
    const bool isOver = lasts >= m_length;
    if (isOver && ++m_ends == kEnds)
        m_isDown = false;
    const auto duration = static_cast<std::uint16_t>(std::min<std::uint32_t>(lasts, m_length));
    return {payloadOf({m_code, isOver, kUsualVolume, duration}), m_start, isFirst};
}

} // namespace sr::rtp
