// SPDX-License-Identifier: GPL-3.0-or-later
// One key after the other, each as long as it takes.
#include "core/relay/pressed_keys.h"

#include <algorithm>

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

ByteView PressedKeys::inPlaceOf(const rtp::PacketView& sound) noexcept
{
    if (sound.payload.size() == 4)
        m_shortTypes |= bitOf(sound.payloadType);
    if (m_count == 0)
        return {};
    const PressedKey& key = m_keys[m_first];
    if (sound.payloadType == key.payloadType) {
        m_count = 0;
        m_key.release();
        m_pause = kPause;
        return {};
    }
    if (m_pause > 0) {
        --m_pause;
        return {};
    }
    if (!m_key.isDown())
        m_key.press(key.code, key.length);
    const rtp::KeyEvents::Event event = m_key.next(sound.timestamp, key.frame);
    m_event[0] = std::byte{0x80};
    m_event[1] = static_cast<std::byte>(key.payloadType | (event.first ? 0x80U : 0U));
    storeBe<std::uint16_t>(&m_event[2], sound.sequenceNumber);
    storeBe<std::uint32_t>(&m_event[4], event.start);
    storeBe<std::uint32_t>(&m_event[8], sound.ssrc);
    std::ranges::copy(event.payload, m_event.begin() + rtp::kFixedHeaderBytes);
    if (!m_key.isDown()) {
        m_pause = kPause;
        m_first = (m_first + 1) % kMost;
        --m_count;
    }
    return m_event;
}

} // namespace sr::relay
