// SPDX-License-Identifier: GPL-3.0-or-later
// Keys one after the other.
#include "core/media/key_sender.h"

#include "core/media/player.h"
#include "core/rtp/telephone_event.h"

#include <algorithm>

namespace sr::media {

void KeySender::press(char symbol, std::chrono::milliseconds length)
{
    const auto code = rtp::eventCode(symbol);
    if (!code || m_keys.size() == kMostKeys)
        return;
    const auto ms = static_cast<std::size_t>(std::clamp(length, kShortest, kLongest).count());
    m_keys.push_back({*code, static_cast<unsigned>(ms * kFramesPerSecond / 1000)});
}

std::optional<KeySender::Event> KeySender::next(std::uint64_t beat, std::uint32_t clockRate)
{
    if (m_done == 0 && m_pause > 0) {
        --m_pause;
        return std::nullopt;
    }
    if (m_keys.empty())
        return std::nullopt;
    const Key key = m_keys.front();
    if (m_done == 0)
        m_start = beat;
    const bool isFirst = m_done++ == 0;
    const std::size_t ticks = std::min(m_done, key.beats) * (clockRate / kFramesPerSecond);
    const rtp::TelephoneEvent event{key.code, m_done >= key.beats, rtp::kUsualVolume,
                                    static_cast<std::uint16_t>(std::min<std::size_t>(ticks, 0xffff))};
    if (m_done + 1 == key.beats + kEnds) {
        m_keys.pop_front();
        m_done = 0;
        m_pause = kPause;
    }
    return Event{rtp::payloadOf(event), m_start, isFirst};
}

} // namespace sr::media
