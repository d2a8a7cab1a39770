// SPDX-License-Identifier: GPL-3.0-or-later
// One loaded recording on its way to the device: position, seeking, mixing and metering. No Qt, no device.
#pragma once

#include "core/codec/audio_file.h"
#include "player/engine/meter.h"
#include "player/engine/mixer.h"

#include <memory>
#include <optional>
#include <vector>

namespace sr::player {

/// Playback thread only; the controls are read from there and written by anybody.
class Playback {
public:
    explicit Playback(const MixControls& controls)
        : m_controls(&controls)
    {}

    void load(std::unique_ptr<codec::AudioReader> reader, archive::ChannelLayout layout);
    void unload();
    bool loaded() const { return m_reader != nullptr; }
    std::uint32_t sampleRate() const { return m_rate; } ///< [Hz], 0 when nothing is loaded
    std::uint64_t frames() const { return m_frames; }
    unsigned channels() const { return m_channels; }
    /// Whose voices there are; one channel of nobody's in particular is a mix.
    archive::ChannelLayout layout() const;

    /// Beyond the end means the end. A reader's error leaves the old position.
    Status seek(std::uint64_t frame);
    /// Decodes and mixes the next frames into `out` (stereo), silence after the end or after an error.
    /// Returns the frames of sound.
    std::size_t pull(std::span<std::int16_t> out);

    std::uint64_t frame() const { return m_frame; } ///< next to be pulled
    bool atEnd() const { return m_ended; }
    /// Silence given since the end [frames]: when it exceeds what waits in the device, all was heard.
    std::uint64_t framesAfterEnd() const { return m_afterEnd; }
    const std::optional<Error>& fault() const { return m_fault; } ///< why the sound ended early
    Levels levels(milliseconds passed) { return m_meter.advance(passed); }
    void calm() { m_meter.reset(); } ///< empty meters

private:
    std::size_t readFully(std::size_t frames);

    const MixControls* m_controls;
    std::unique_ptr<codec::AudioReader> m_reader;
    archive::ChannelLayout m_layout = archive::ChannelLayout::Stereo;
    std::uint32_t m_rate = 0;
    unsigned m_channels = 0;
    std::uint64_t m_frames = 0;
    std::uint64_t m_frame = 0;
    std::uint64_t m_afterEnd = 0;
    bool m_ended = false;
    std::optional<Error> m_fault;
    std::vector<std::int16_t> m_decoded;
    Mixer m_mixer;
    Meter m_meter;
};

} // namespace sr::player
