// SPDX-License-Identifier: GPL-3.0-or-later
// The buffers that packets are written into, with mixing only where sources really overlap.
#include "core/codec/call_render.h"

#include <algorithm>
#include <cstring>

namespace sr::codec {
namespace {

std::int16_t mixed(std::int16_t a, std::int16_t b)
{
    return static_cast<std::int16_t>(std::clamp(int{a} + int{b}, -32768, 32767));
}

} // namespace

SoundWindow::SoundWindow(const AudioFormat& format, std::array<bool, 2> mixes)
    : m_format(format)
    , m_mixes(mixes)
{}

void SoundWindow::reset(std::uint64_t first, std::size_t frames)
{
    m_first = first;
    m_frames = frames;
    m_high = 0;
    if (isPcm())
        m_pcm.assign(2 * frames, 0);
    else
        m_coded.assign(2 * frames, silence());
    if (m_mixes[0] || m_mixes[1])
        m_written.assign(2 * frames, 0);
}

void SoundWindow::slide(std::uint64_t first)
{
    const auto gone = static_cast<std::size_t>(std::min<std::uint64_t>(first - m_first, m_frames));
    const std::size_t kept = m_high > gone ? m_high - gone : 0;
    const auto move = [&](auto& buffer, auto empty) {
        for (std::size_t party = 0; party < 2 && !buffer.empty(); ++party) {
            auto* const begin = buffer.data() + party * m_frames;
            std::copy_n(begin + std::min(gone, m_high), kept, begin);
            std::fill(begin + kept, begin + m_high, empty);
        }
    };
    move(m_pcm, std::int16_t{0});
    move(m_coded, silence());
    move(m_written, std::uint8_t{0});
    m_first = first;
    m_high = kept;
}

/// Leaves of `part`, which will be written, what lies inside; `frame` then counts from the window's first.
/// False if nothing does.
template <typename T>
bool SoundWindow::cut(std::uint64_t& frame, std::span<T>& part)
{
    if (frame < m_first) {
        if (m_first - frame >= part.size())
            return false;
        part = part.subspan(static_cast<std::size_t>(m_first - frame));
        frame = m_first;
    }
    frame -= m_first;
    if (frame >= m_frames)
        return false;
    part = part.first(std::min(part.size(), m_frames - static_cast<std::size_t>(frame)));
    m_high = std::max(m_high, static_cast<std::size_t>(frame) + part.size());
    return !part.empty();
}

void SoundWindow::putCoded(std::size_t party, std::uint64_t frame, ByteView octets)
{
    if (!cut(frame, octets))
        return;
    std::byte* const to = m_coded.data() + party * m_frames + frame;
    if (!m_mixes[party]) {
        std::memcpy(to, octets.data(), octets.size());
        return;
    }
    std::uint8_t* const written = m_written.data() + party * m_frames + frame;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        to[i] = written[i] != 0
                    ? encodeG711(law(), mixed(decodeG711(law(), to[i]), decodeG711(law(), octets[i])))
                    : octets[i];
        written[i] = 1;
    }
}

void SoundWindow::putPcm(std::size_t party, std::uint64_t frame, std::span<const std::int16_t> samples)
{
    if (!isPcm()) {
        m_scratch.resize(samples.size());
        encodeG711(law(), samples, m_scratch);
        putCoded(party, frame, m_scratch);
        return;
    }
    if (!cut(frame, samples))
        return;
    std::int16_t* const to = m_pcm.data() + party * m_frames + frame;
    if (!m_mixes[party]) {
        std::copy(samples.begin(), samples.end(), to);
        return;
    }
    std::uint8_t* const written = m_written.data() + party * m_frames + frame;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        to[i] = written[i] != 0 ? mixed(to[i], samples[i]) : samples[i];
        written[i] = 1;
    }
}

} // namespace sr::codec
