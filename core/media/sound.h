// SPDX-License-Identifier: GPL-3.0-or-later
// A piece of sound that many calls play at once: 16-bit mono, immutable. From files, from tones, or silence.
#pragma once

#include "core/base/bytes.h"
#include "core/base/file.h"
#include "core/media/media_error.h"
#include "core/media/tone.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace sr::media {

inline constexpr std::uint32_t kNarrowband = 8000; ///< [Hz]
inline constexpr std::uint32_t kWideband = 16000;  ///< [Hz]

class Sound;
using SoundPtr = std::shared_ptr<const Sound>;

/// What a file may be.
struct SoundLimits {
    std::uint64_t octets = 64U << 20; ///< of the file
    std::chrono::seconds length{1800};
};

/// Any thread.
class Sound {
public:
    /// Payload that is kept beside the samples, for a far side that speaks the same codec.
    enum class Kept : std::uint8_t {
        Nothing,
        ALaw, ///< an octet for each sample
        ULaw,
        G729, ///< 10 octets for each 80 samples
    };

    /// The end of the name says the format: `.g711a`, `.g711u`, `.g722`, `.g729` are raw payload without a
    /// header, at 8 kHz (G.722: 16); everything else is a container (WAV, MP3, Ogg), of which channels are
    /// mixed and the rate is brought to 8 or 16 kHz. May block. UnknownFile, also for raw Opus, whose
    /// packets have no lengths; TooLong; BaseErrc::TooLarge and other errors of files; of core/codec.
    static Result<SoundPtr> load(const Path& file, const SoundLimits& limits = {});
    /// The same out of memory. `name` says the format as above.
    static Result<SoundPtr> read(Bytes file, const std::string& name, const SoundLimits& limits = {});
    /// One round of its rhythm, at 8 kHz.
    static SoundPtr tone(const Tone& tone);
    static SoundPtr silence(std::chrono::milliseconds length);
    /// Mono at kNarrowband or kWideband.
    static SoundPtr of(std::vector<std::int16_t> samples, std::uint32_t rate);

    Sound(std::vector<std::int16_t> samples, std::uint32_t rate, Kept coding = Kept::Nothing,
          Bytes payload = {})
        : m_samples(std::move(samples))
        , m_rate(rate)
        , m_kept(coding)
        , m_payload(std::move(payload))
    {}
    std::span<const std::int16_t> samples() const { return m_samples; }
    std::uint32_t rate() const { return m_rate; } ///< [Hz], kNarrowband or kWideband
    std::chrono::milliseconds length() const
    {
        return std::chrono::milliseconds(m_samples.size() * 1000 / m_rate);
    }
    Kept kept() const { return m_kept; }
    ByteView payload() const { return m_payload; } ///< of kept()

private:
    std::vector<std::int16_t> m_samples;
    std::uint32_t m_rate;
    Kept m_kept;
    Bytes m_payload;
};

} // namespace sr::media
