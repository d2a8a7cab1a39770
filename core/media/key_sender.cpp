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
    m_keys.push_back({*code, std::clamp(length, kShortest, kLongest)});
}

std::optional<rtp::KeyEvents::Event> KeySender::next(std::uint64_t beat, std::uint32_t clockRate)
{
    if (!m_key.isDown()) {
        if (m_pause > 0) {
            --m_pause;
            return std::nullopt;
        }
        if (m_keys.empty())
            return std::nullopt;
        const Key key = m_keys.front();
        const auto ticks = static_cast<std::uint64_t>(key.length.count()) * clockRate / 1000;
        m_key.press(key.code, static_cast<std::uint16_t>(std::min<std::uint64_t>(ticks, 0xffff)));
        m_keys.pop_front();
        m_pause = kPause;
    }
    const auto frame = static_cast<std::uint32_t>(clockRate / kFramesPerSecond);
    return m_key.next(static_cast<std::uint32_t>(beat * frame), frame);
}

} // namespace sr::media
