// SPDX-License-Identifier: GPL-3.0-or-later
// Events into keys with a length in time.
#include "core/media/digit_ear.h"

#include <algorithm>

namespace sr::media {
namespace {

constexpr std::uint32_t kLongest = 0x20000; // [ticks]: behind the end of every segment, which has 16 bits

} // namespace

void DigitEar::add(const rtp::PacketView& packet, std::uint32_t clockRate)
{
    if (packet.ssrc != m_ssrc) {
        m_decoder.finish(m_finished);
        m_decoder = {};
    }
    m_ssrc = packet.ssrc;
    m_clockRate = std::max<std::uint32_t>(clockRate, 1000);
    m_lastTime = packet.timestamp;
    m_quiet = 0;
    m_decoder.add(packet, m_finished);
}

void DigitEar::beat()
{
    if (m_quiet < kPatience && ++m_quiet == kPatience)
        m_decoder.advance(m_lastTime + kLongest, 0, m_finished);
}

const std::vector<PressedKey>& DigitEar::take()
{
    m_taken.clear();
    for (const rtp::DigitEvent& one : m_finished)
        m_taken.push_back(
            {one.symbol, std::chrono::milliseconds(std::uint64_t{one.duration} * 1000 / m_clockRate)});
    m_finished.clear();
    return m_taken;
}

} // namespace sr::media
