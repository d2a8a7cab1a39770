// SPDX-License-Identifier: GPL-3.0-or-later
// Two parties' RTP streams become sound on one time line (design.md, Sound): in step by capture time and RTP
// time, audio only inserted, never dropped, every insertion noted.
#pragma once

#include "core/codec/audio_file.h"
#include "core/codec/audio_format.h"
#include "core/rtp/stream.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace sr::codec {

inline constexpr std::size_t kInternal =
    0; ///< index of the internal party everywhere: left channel, first of a pair
inline constexpr std::size_t kExternal = 1;

struct CallAudioInput {
    std::array<std::vector<rtp::RtpStream>, 2> party; ///< [internal, external], any number of streams each
    UtcTime start{};                                  ///< first answer: frame 0; earlier media is left out
    UtcTime end{};                                    ///< at least this long; later media lengthens it
    bool alwaysG711 = false;                          ///< option of decisions.md 3: never 16 kHz PCM
};

enum class InsertionKind : std::uint8_t { Silence, ComfortNoise, Loss, ClockSkew };

struct Insertion {
    std::size_t party = kInternal;
    InsertionKind kind = InsertionKind::Silence;
    std::uint64_t frame = 0; ///< where it starts, in frames of the output
    std::uint64_t frames = 0;
};

/// RFC 4733 digit with its place on the time line.
struct Digit {
    std::size_t party = kInternal;
    char symbol = '0'; ///< 0-9 * # A-D, `!` for flash
    std::uint64_t frame = 0;
    std::uint32_t durationMs = 0;
};

struct CallAudioInfo {
    AudioFormat
        format; ///< what decisions.md 3 says for WAV: common law untouched, else A-law, else PCM at 16 kHz
    std::uint64_t frames = 0;
    std::array<std::string, 2>
        codecs; ///< what sounded, `PCMA`, or `PCMA+G722` after a change; empty: nothing
    std::array<std::uint64_t, 2> lost{}; ///< packets never seen
    std::array<std::uint64_t, 2> duplicates{};
    std::array<std::uint64_t, 2> undecodable{}; ///< packets whose format is unknown or whose key failed
    std::array<std::uint64_t, 2> locked{};      ///< of these, encrypted packets that no key opens
    std::vector<Digit> digits;                  ///< by frame
    std::vector<Insertion> insertions;          ///< by frame; runs of one kind are joined
};

/// Plans on open (one pass over the packets), then reads forward. Memory stays small whatever the call's
/// length.
class CallAudio {
public:
    virtual ~CallAudio() = default;
    static Result<std::unique_ptr<CallAudio>> open(CallAudioInput input);

    virtual const CallAudioInfo& info() const = 0;
    /// Next frames in info().format, interleaved, internal first; `out` holds whole frames. Returns frames, 0
    /// at the end. G.711 payload that needed no transcoding comes out bit-exact.
    virtual Result<std::size_t> readCoded(std::span<std::byte> out) = 0;
    /// The same as 16-bit samples at info().format.sampleRate. Use one or the other.
    virtual Result<std::size_t> readPcm(std::span<std::int16_t> interleaved) = 0;
    virtual Status rewind() = 0;
};

/// A captured call as the player wants it: seekable (renders forward from the start when seeking back).
Result<std::unique_ptr<AudioReader>> openCallReader(CallAudioInput input);

} // namespace sr::codec
