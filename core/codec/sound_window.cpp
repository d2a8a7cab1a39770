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

void SoundWindow::clear(std::size_t from, std::size_t count)
{
    const auto begin = static_cast<std::ptrdiff_t>(from);
    const auto silence = m_format.coding == SampleCoding::ULaw ? kULawSilence : kALawSilence;
    for (std::size_t party = 0; party < 2; ++party) {
        if (isPcm()) {
            m_pcm[party].resize(from + count);
            std::fill(m_pcm[party].begin() + begin, m_pcm[party].end(), std::int16_t{0});
        } else {
            m_coded[party].resize(from + count, silence);
            std::fill(m_coded[party].begin() + begin, m_coded[party].end(), silence);
        }
        if (m_mixes[party]) {
            m_written[party].resize(from + count);
            std::fill(m_written[party].begin() + begin, m_written[party].end(), false);
        }
    }
    m_frames = from + count;
}

void SoundWindow::reset(std::uint64_t first, std::size_t frames)
{
    m_first = first;
    for (std::size_t party = 0; party < 2; ++party) {
        m_coded[party].clear();
        m_pcm[party].clear();
        m_written[party].clear();
    }
    clear(0, frames);
}

void SoundWindow::slide(std::uint64_t first, std::size_t frames)
{
    if (first < m_first || first >= m_first + m_frames)
        return reset(first, frames);
    const auto gone = static_cast<std::ptrdiff_t>(first - m_first);
    const auto drop = [gone](auto& buffer) {
        if (!buffer.empty())
            buffer.erase(buffer.begin(), buffer.begin() + gone);
    };
    for (std::size_t party = 0; party < 2; ++party) {
        drop(m_coded[party]);
        drop(m_pcm[party]);
        drop(m_written[party]);
    }
    const std::size_t kept = m_frames - static_cast<std::size_t>(gone);
    m_first = first;
    clear(std::min(kept, frames), frames - std::min(kept, frames));
}

/// Leaves of `part` what lies inside; `frame` then counts from the window's first. False if nothing does.
template <typename T>
bool SoundWindow::cut(std::uint64_t& frame, std::span<T>& part) const
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
    return !part.empty();
}

void SoundWindow::putCoded(std::size_t party, std::uint64_t frame, ByteView octets)
{
    if (!cut(frame, octets))
        return;
    std::byte* const to = m_coded[party].data() + frame;
    if (!m_mixes[party]) {
        std::memcpy(to, octets.data(), octets.size());
        return;
    }
    std::vector<bool>& written = m_written[party];
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const auto at = static_cast<std::size_t>(frame) + i;
        to[i] = written[at] ? encodeG711(law(), mixed(decodeG711(law(), to[i]), decodeG711(law(), octets[i])))
                            : octets[i];
        written[at] = true;
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
    std::int16_t* const to = m_pcm[party].data() + frame;
    if (!m_mixes[party]) {
        std::copy(samples.begin(), samples.end(), to);
        return;
    }
    std::vector<bool>& written = m_written[party];
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto at = static_cast<std::size_t>(frame) + i;
        to[i] = written[at] ? mixed(to[i], samples[i]) : samples[i];
        written[at] = true;
    }
}

} // namespace sr::codec
