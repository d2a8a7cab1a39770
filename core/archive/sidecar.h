// SPDX-License-Identifier: GPL-3.0-or-later
// The sidecar: one XML document beside the audio that says everything about a recording and authenticates
// itself and the audio.
#pragma once

#include "core/archive/recording.h"
#include "core/base/bytes.h"
#include "core/crypto/key_ring.h"

namespace sr::archive {

constexpr std::uint64_t kSidecarMax = 8ULL << 20; ///< [octets] of the clear document; longer ones are refused
// What a writer lists at most; `total` in the document tells when there was more.
constexpr std::size_t kInsertionsListed = 20'000;
constexpr std::size_t kPausesListed = 10'000;
constexpr std::size_t kMarksListed = 100;
constexpr std::size_t kDigitsListed = 10'000;
constexpr std::size_t kFlowListed = 2'000;
constexpr std::size_t kFormerNamesListed = 100;
constexpr std::size_t kUnknownXmlMax = 256U << 10U;

/// One audio file of a recording. More than one only while a conversion is under way.
struct SidecarPart {
    std::string file; ///< without folder
    MediaFormat format = MediaFormat::Wav;
    std::string coding;
    std::uint32_t sampleRate = 0;
    std::uint64_t frames = 0;
    ChannelLayout layout = ChannelLayout::Stereo;
    bool sealed = false;
    std::uint64_t clearBytes = 0;
    std::string sha256;
    bool operator==(const SidecarPart&) const = default;
};

/// Where the journal speaks of this revision of the sidecar.
struct JournalRef {
    std::string writer;
    std::uint64_t seq = 0;
    std::string head; ///< chain value after the record, 64 hex digits
    bool operator==(const JournalRef&) const = default;
};

struct Sidecar {
    Recording recording;            ///< its sound fields are those of parts[0]
    std::vector<SidecarPart> parts; ///< the valid one first; empty for a call without audio
    JournalRef journal;
    std::uint32_t revision = 1; ///< grows with every change
};

/// The part that the recording's own fields describe.
SidecarPart partOf(const Recording& recording);
/// Puts the fields of a part into the recording.
void applyPart(const SidecarPart& part, Recording& recording);

std::string writeSidecar(const Sidecar& sidecar, const crypto::Key& integrityKey);

/// Parses and authenticates. CryptoErrc::UnknownKey or Altered, ArchiveErrc::BadSidecar, NewerVersion (a
/// newer document whose authentication holds).
Result<Sidecar> readSidecar(std::string_view document, const crypto::KeyRing& ring);
/// Without authentication; for the fuzzer and readSidecar().
Result<Sidecar> parseSidecar(std::string_view document);

/// `<stem>.xml` in its month folder, relative to the archive.
std::string sidecarFile(const RecordingName& name);
/// The audio file, or the sidecar of a call without audio, relative to the archive.
std::string recordingFile(const Recording& recording);
/// The list line of a recording.
RecordingRow rowOf(const Recording& recording);

} // namespace sr::archive
