// SPDX-License-Identifier: GPL-3.0-or-later
// An ear for each side of a call.
#include "core/relay/key_ears.h"

#include "core/rtp/packet.h"

namespace sr::relay {

void KeyEars::add(const TapPacket& packet)
{
    if (!packet.key || !m_heard)
        return;
    const auto view = rtp::parsePacket(packet.datagram);
    if (!view)
        return;
    Ear& ear = m_ears[{packet.tag, packet.from}];
    m_finished.clear();
    if (view->ssrc != ear.ssrc) {
        ear.decoder.finish(m_finished);
        ear = {{}, view->ssrc};
    }
    ear.decoder.add(*view, m_finished);
    for (const rtp::DigitEvent& one : m_finished)
        m_heard(packet.tag, packet.from, one.symbol);
}

void KeyEars::forget(std::uint64_t tag)
{
    std::erase_if(m_ears, [tag](const auto& entry) { return entry.first.first == tag; });
}

} // namespace sr::relay
