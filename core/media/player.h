// SPDX-License-Identifier: GPL-3.0-or-later
// Plays a list of sounds in frames of 20 ms, in the codec of the far side where a sound has it.
#pragma once

#include "core/codec/g711.h"
#include "core/media/sound.h"
#include "core/media/twofold_rate.h"

#include <array>
#include <optional>

namespace sr::media {

inline constexpr std::size_t kFramesPerSecond = 50; ///< of 20 ms each

/// What is played one after the other.
struct PlayList {
    std::vector<SoundPtr> sounds;
    unsigned times = 1; ///< the whole list; 0: until it is stopped
};

/// 20 ms of sound.
struct Frame {
    std::array<std::int16_t, kWideband / kFramesPerSecond> samples{};
    std::array<std::byte, kNarrowband / kFramesPerSecond> octets{};
    std::size_t octetCount = 0; ///< 0: `octets` are not the payload
};

/// One thread at a time.
class Player {
public:
    /// How the far side is spoken to.
    struct Voice {
        std::uint32_t rate = kNarrowband;        ///< [Hz] of the samples wanted
        Sound::Kept kept = Sound::Kept::Nothing; ///< its codec, where sounds may have kept it
        bool operator==(const Voice&) const = default;
    };

    void start(PlayList list);
    void stop() { m_list.reset(); }
    bool plays() const { return m_list.has_value(); }
    /// The next 20 ms, the rest of the last frame silent; nothing once all has been played. Octets only where
    /// all of the frame comes from sounds that have kept the codec.
    bool next(const Voice& voice, Frame& frame);

private:
    const Sound* current();
    std::size_t take(const Sound& sound, const Voice& voice, std::size_t filled, Frame& frame);

    std::optional<PlayList> m_list;
    std::size_t m_index = 0; ///< of the sound that plays
    std::size_t m_at = 0;    ///< [samples] in it
    unsigned m_round = 0;
    bool m_over = false; ///< all has been played, and next() is about to say so
    RateDoubler m_doubler;
    RateHalver m_halver;
};

} // namespace sr::media
