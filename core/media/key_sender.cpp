// SPDX-License-Identifier: GPL-3.0-or-later
// Keys one after the other.
#include "core/media/key_sender.h"

#include "core/base/bytes.h"
#include "core/media/player.h"
#include "core/rtp/telephone_event.h"

#include <algorithm>

namespace sr::media {
namespace {

constexpr std::uint8_t kCodes = 17;  // 0-15 DTMF, 16 flash (RFC 4733 3.2)
constexpr std::uint8_t kVolume = 10; // [-dBm0], chosen: that of our tones
constexpr std::uint8_t kEndBit = 0x80;

} // namespace

void KeySender::press(char symbol, std::chrono::milliseconds length)
{
    for (std::uint8_t code = 0; code < kCodes && m_keys.size() < kMostKeys; ++code) {
        if (rtp::digitSymbol(code) != symbol)
            continue;
        const auto ms = static_cast<std::size_t>(std::clamp(length, kShortest, kLongest).count());
        m_keys.push_back({code, static_cast<unsigned>(ms * kFramesPerSecond / 1000)});
    }
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
    Event event{{}, m_start, m_done == 0};
    ++m_done;
    const std::size_t ticks = std::min(m_done, key.beats) * (clockRate / kFramesPerSecond);
    event.payload[0] = std::byte{key.code};
    event.payload[1] = static_cast<std::byte>(kVolume | (m_done >= key.beats ? kEndBit : 0));
    storeBe<std::uint16_t>(&event.payload[2],
                           static_cast<std::uint16_t>(std::min<std::size_t>(ticks, 0xffff)));
    if (m_done + 1 == key.beats + kEnds) {
        m_keys.pop_front();
        m_done = 0;
        m_pause = kPause;
    }
    return event;
}

} // namespace sr::media
