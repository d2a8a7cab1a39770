// SPDX-License-Identifier: GPL-3.0-or-later
// One key after the other, each as long as it takes.
#include "core/relay/pressed_keys.h"

#include "core/rtp/telephone_event.h"

#include <algorithm>
#include <utility>

namespace sr::relay {
namespace {

constexpr std::uint8_t kFirstDynamic = 96; // RFC 3551 6

std::uint32_t bitOf(std::uint8_t payloadType) noexcept
{
    return payloadType >= kFirstDynamic ? 1U << (payloadType - kFirstDynamic) : 0U;
}

} // namespace

void PressedKeys::press(const PressedKey& key) noexcept
{
    if (m_count < kMost && (m_shortTypes & bitOf(key.payloadType)) == 0)
        m_keys[(m_first + m_count++) % kMost] = key;
}

void PressedKeys::dropAll() noexcept
{
    m_count = 0;
    m_isDown = false;
    m_ends = 0;
    m_pause = kPause;
}

ByteView PressedKeys::inPlaceOf(const rtp::PacketView& sound) noexcept
{
    if (sound.payload.size() == 4)
        m_shortTypes |= bitOf(sound.payloadType);
    if (m_count == 0)
        return {};
    if (sound.payloadType == m_keys[m_first].payloadType) {
        dropAll();
        return {};
    }
    if (m_pause > 0) {
        --m_pause;
        return {};
    }
    const PressedKey& key = m_keys[m_first];
    const bool isFirst = !std::exchange(m_isDown, true);
    if (isFirst)
        m_start = sound.timestamp;
    const std::uint32_t lasts = sound.timestamp - m_start + key.frame; // too long where a stream jumps
    const bool isOver = lasts >= key.length;
    m_event[0] = std::byte{0x80};
    m_event[1] = static_cast<std::byte>(key.payloadType | (isFirst ? 0x80U : 0U));
    storeBe<std::uint16_t>(&m_event[2], sound.sequenceNumber);
    storeBe<std::uint32_t>(&m_event[4], m_start);
    storeBe<std::uint32_t>(&m_event[8], sound.ssrc);
    const auto duration = static_cast<std::uint16_t>(std::min<std::uint32_t>(lasts, key.length));
    std::ranges::copy(rtp::payloadOf({key.code, isOver, rtp::kUsualVolume, duration}),
                      m_event.begin() + rtp::kFixedHeaderBytes);
    if (isOver && ++m_ends == kEnds) {
        m_isDown = false;
        m_ends = 0;
        m_pause = kPause;
        m_first = (m_first + 1) % kMost;
        --m_count;
    }
    return m_event;
}

} // namespace sr::relay
