// SPDX-License-Identifier: GPL-3.0-or-later
// Headers of RTP.
#include "core/media/spoken_rtp.h"

#include "core/media/player.h"

#include <algorithm>
#include <random>

namespace sr::media {

SpokenRtp::SpokenRtp()
{
    std::random_device random; // the system's: numbers that nobody guesses (RFC 3550 §5.1)
    m_ssrc = random();
    m_firstTime = random();
    m_sequence = static_cast<std::uint16_t>(random() & 0x7fffU); // far from the first wrap (RFC 3711 §3.3.1)
}

void SpokenRtp::setFormat(std::uint8_t payloadType, std::uint32_t clockRate)
{
    if (clockRate != m_clockRate)
        m_ssrc += 0x9e3779b9U;
    m_clockRate = clockRate;
    m_payloadType = payloadType;
}

ByteView SpokenRtp::packet(std::uint64_t beat, ByteView payload)
{
    const bool starts = !m_spoke || beat != m_lastBeat + 1;
    m_spoke = true;
    m_lastBeat = beat;
    const auto time = static_cast<std::uint32_t>(beat * (m_clockRate / kFramesPerSecond));
    return write(m_payloadType, starts, m_firstTime + time, payload);
}

ByteView SpokenRtp::event(std::uint64_t beat, std::uint8_t payloadType, const rtp::KeyEvents::Event& event)
{
    m_spoke = true;
    m_lastBeat = beat;
    return write(payloadType, event.first, m_firstTime + event.start, event.payload);
}

ByteView SpokenRtp::write(std::uint8_t payloadType, bool marker, std::uint32_t time, ByteView payload)
{
    const std::size_t count = std::min(payload.size(), kMostPayload);
    m_packet[0] = std::byte{0x80};
    m_packet[1] = static_cast<std::byte>(payloadType | (marker ? 0x80U : 0U));
    storeBe<std::uint16_t>(&m_packet[2], m_sequence++);
    storeBe<std::uint32_t>(&m_packet[4], time);
    storeBe<std::uint32_t>(&m_packet[8], m_ssrc);
    std::copy_n(payload.begin(), count, m_packet.begin() + rtp::kFixedHeaderBytes);
    return ByteView(m_packet).first(rtp::kFixedHeaderBytes + count);
}

} // namespace sr::media
