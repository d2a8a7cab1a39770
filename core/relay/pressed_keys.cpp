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

void PressedKeys::press(const PressedKey& key)
{
    if (m_keys.size() < kMost && (m_shortTypes & bitOf(key.payloadType)) == 0)
        m_keys.push_back(key);
}

ByteView PressedKeys::inPlaceOf(const rtp::PacketView& sound) noexcept
{
    if (sound.payload.size() == 4)
        m_shortTypes |= bitOf(sound.payloadType);
    if (m_keys.empty())
        return {};
    const PressedKey key = m_keys.front();
    if (sound.payloadType == key.payloadType) {
        m_keys.clear();
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
        m_keys.erase(m_keys.begin());
    }
    return m_event;
}

} // namespace sr::relay
