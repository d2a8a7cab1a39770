// SPDX-License-Identifier: GPL-3.0-or-later
// Pulling frames through decoder, mixer and meter.
#include "player/engine/playback.h"

#include <algorithm>

namespace sr::player {

void Playback::load(std::unique_ptr<codec::AudioReader> reader, archive::ChannelLayout layout)
{
    unload();
    m_reader = std::move(reader);
    m_layout = layout;
    m_rate = m_reader->sampleRate();
    m_channels = m_reader->channels();
    m_frames = m_reader->frames();
    m_ended = m_frames == 0;
}

void Playback::unload()
{
    m_reader.reset();
    m_rate = 0;
    m_channels = 0;
    m_frames = m_frame = m_afterEnd = 0;
    m_ended = false;
    m_fault.reset();
    m_mixer.jump();
    m_meter.reset();
}

archive::ChannelLayout Playback::layout() const
{
    using archive::ChannelLayout;
    if (m_channels != 1)
        return ChannelLayout::Stereo;
    return m_layout == ChannelLayout::Stereo ? ChannelLayout::Mono : m_layout;
}

Status Playback::seek(std::uint64_t frame)
{
    if (!m_reader)
        return {};
    const std::uint64_t target = std::min(frame, m_frames);
    if (Status moved = m_reader->seek(target); !moved)
        return moved;
    m_frame = target;
    m_ended = target >= m_frames;
    m_afterEnd = 0;
    m_fault.reset();
    m_mixer.jump();
    return {};
}

std::size_t Playback::readFully(std::size_t frames)
{
    m_decoded.resize(frames * m_channels);
    std::size_t done = 0;
    while (done < frames) {
        const std::span<std::int16_t> rest = std::span(m_decoded).subspan(done * m_channels);
        Result<std::size_t> got = m_reader->read(rest);
        if (!got) {
            m_fault = got.error();
            break;
        }
        if (*got == 0)
            break;
        done += *got;
    }
    return done;
}

std::size_t Playback::pull(std::span<std::int16_t> out)
{
    const std::size_t wanted = out.size() / 2;
    std::size_t got = 0;
    if (m_reader && !m_ended && m_channels > 0) {
        got = readFully(wanted);
        const std::span<const std::int16_t> decoded = std::span(m_decoded).first(got * m_channels);
        m_meter.feed(m_mixer.mix(decoded, m_channels, m_layout, m_controls->settings(), out.first(got * 2)));
        m_frame += got;
        if (got < wanted) {
            m_ended = true;
            if (!m_fault)
                m_frames = m_frame; // a header may promise more than there is
        }
    }
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(got * 2), out.end(), std::int16_t{0});
    if (m_ended)
        m_afterEnd += wanted - got;
    return got;
}

} // namespace sr::player
