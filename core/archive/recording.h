// SPDX-License-Identifier: GPL-3.0-or-later
// A recording as values: what the sidecar holds, what the lists show, what the filters ask.
#pragma once

#include "core/archive/recording_name.h"
#include "core/base/clock.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sr::archive {

enum class MediaFormat : std::uint8_t { None, Wav, Mp3, Pcap }; ///< None: a call record without audio
std::string_view extensionOf(MediaFormat format);               ///< `wav`, `mp3`, `pcap`, empty for None
std::optional<MediaFormat> formatOfExtension(std::string_view extension);

/// How the channels of the audio lie.
enum class ChannelLayout : std::uint8_t { Stereo, Mono, InternalOnly, ExternalOnly };

struct FlowStep {
    UtcTime time{};
    std::string kind; ///< invite, ringing, answer, hold, retrieve, refer, bye ...
    std::string by;   ///< internal or external
    std::string detail;
};

struct DigitMark {
    std::string party; ///< internal or external
    char symbol = '0';
    std::uint64_t frame = 0;
    std::uint32_t durationMs = 0;
};

struct InsertionMark {
    std::string party;
    std::string kind; ///< silence, comfort-noise, loss, clock-skew
    std::uint64_t frame = 0;
    std::uint64_t frames = 0;
};

/// Where recording paused: silence in every channel, whatever was said.
struct PauseMark {
    std::uint64_t frame = 0;
    std::uint64_t frames = 0;
};

/// Somebody wants this call to be kept (features R26).
struct CallMark {
    UtcTime time{};    ///< during the call or after it
    std::string party; ///< internal or external: who has marked it
};

/// Everything a sidecar says. Unknown XML of a newer minor version is carried through a rewrite.
struct Recording {
    // identity
    std::string uid;
    RecordingName name;
    std::string fingerprint; ///< hex SHA-256 of what makes this call itself; the same again is a duplicate
    std::vector<std::string> formerNames; ///< stems that links may still use (decisions.md 19)
    // the call
    std::string internal = "unknown"; ///< full numbers, uncut
    std::string external = "unknown";
    std::string internalName, externalName; ///< display names, may be empty
    CallDirection direction = CallDirection::In;
    bool answered = true;
    UtcTime start{};          ///< of the recording: the first answer (the INVITE if unanswered)
    int utcOffsetMinutes = 0; ///< of the archive's zone at that moment
    std::uint32_t answerSeconds = 0;
    std::uint64_t durationMs = 0;
    std::string owner; ///< whose recording it is; the internal number where nothing else is known
    std::string tan;
    int finalStatus = 0; ///< SIP status of an unanswered call
    std::string source;  ///< where it came from: capture file names, interface
    std::string callId;
    std::vector<FlowStep> flow;
    // the sound
    MediaFormat format = MediaFormat::Wav;
    std::string coding;           ///< pcma, pcmu, pcm16, mp3, pcap
    std::uint32_t sampleRate = 0; ///< [Hz]
    std::uint64_t frames = 0;
    ChannelLayout layout = ChannelLayout::Stereo;
    std::array<std::string, 2> codecs; ///< [internal, external] on the wire
    std::array<std::uint64_t, 2> lostPackets{};
    std::array<std::uint64_t, 2> duplicatePackets{};
    std::array<std::uint64_t, 2> undecodablePackets{}; ///< arrived, but their sound is missing
    std::array<std::uint64_t, 2> lockedPackets{};      ///< of these, encrypted ones that no key opened
    std::vector<DigitMark> digits;
    std::vector<InsertionMark> insertions;
    std::vector<PauseMark> pauses;
    std::vector<CallMark> marks;
    /// Live capture: packets of any call that were lost on the way to the recorder while this one ran.
    std::optional<std::uint64_t> droppedPackets;
    // the file
    bool sealed = false;
    std::uint64_t clearBytes = 0; ///< size of the clear audio [octets]
    std::string sha256;           ///< of the clear audio, hex
    std::string unknownXml;       ///< elements of a newer writer, carried through
};

/// A line of a list: what the catalog keeps of a recording.
struct RecordingRow {
    std::string uid;
    std::string file; ///< relative to the archive, with `/`; the sidecar for a call without audio
    std::string internal, external, internalName, externalName;
    CallDirection direction = CallDirection::In;
    bool answered = true;
    UtcTime start{};
    int utcOffsetMinutes = 0;
    std::uint32_t answerSeconds = 0;
    std::uint64_t durationMs = 0;
    std::string owner, tan, dtmf; ///< dtmf: all digits of both parties in order
    MediaFormat format = MediaFormat::Wav;
    std::array<std::string, 2> codecs;
    std::array<std::uint64_t, 2> lostPackets{};
    bool sealed = false;
    bool hasSidecar = true; ///< false: listed from its name, integrity unknown (decisions.md 23)
    std::uint64_t fileBytes = 0;
    std::string fingerprint;
};

/// The player's filters (features P4). Empty or absent = all. Patterns: `*` any run, `?` one character.
struct RecordingFilter {
    int year = 0, month = 0, day = 0; ///< local to the archive; day needs month needs year; 0 = all
    std::string internal;             ///< exact unless it has wildcards
    std::string external;             ///< begins with; wildcards allowed
    std::optional<CallDirection> direction;
    std::string tan; ///< six digits
    std::optional<MediaFormat> format;
    std::string owner; ///< exact unless it has wildcards
    bool oldestFirst = false;
    bool unanswered = false; ///< false: recordings; true: call records without audio
    bool operator==(const RecordingFilter&) const = default;
};

} // namespace sr::archive
