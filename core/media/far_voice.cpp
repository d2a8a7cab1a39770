// SPDX-License-Identifier: GPL-3.0-or-later
// Packets of any length become frames of 20 ms.
#include "core/media/far_voice.h"

#include <algorithm>

namespace sr::media {

void FarVoice::setDecoder(std::unique_ptr<codec::PayloadDecoder>& decoder)
{
    m_decoder.swap(decoder);
    forget();
}

void FarVoice::forget()
{
    m_buffer.clear();
    m_samples.clear();
    m_lastSamples = 0;
}

void FarVoice::add(const rtp::PacketView& packet)
{
    if (packet.ssrc != m_ssrc)
        forget();
    m_ssrc = packet.ssrc;
    m_buffer.put(packet.sequenceNumber, packet.payload);
}

std::span<const std::int16_t> FarVoice::next()
{
    const std::size_t wanted = rate() / kFramesPerSecond;
    while (m_decoder && m_samples.size() < wanted) {
        const JitterBuffer::Taken taken = m_buffer.take(m_payload);
        const std::size_t before = m_samples.size();
        if (taken == JitterBuffer::Taken::Nothing) {
            m_buffer.wait();
            break;
        }
        if (taken == JitterBuffer::Taken::Packet && m_decoder->decode(m_payload, m_samples))
            m_lastSamples = m_samples.size() - before;
        else
            m_samples.resize(before +
                             std::max(m_lastSamples, wanted)); // lost or damaged: silence in its place
    }
    m_frame.fill(0);
    const std::size_t count = std::min(wanted, m_samples.size());
    std::copy_n(m_samples.begin(), count, m_frame.begin());
    m_samples.erase(m_samples.begin(), m_samples.begin() + static_cast<std::ptrdiff_t>(count));
    return std::span(m_frame).first(wanted);
}

} // namespace sr::media
