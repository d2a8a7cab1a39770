// SPDX-License-Identifier: GPL-3.0-or-later
// From a captured call to committed recordings: parties, name, sound, sidecar facts, commit.
#include "recorder/pipeline/call_recorder.h"

#include "core/crypto/digest.h"
#include "core/rtp/srtp.h"
#include "recorder/pipeline/audio_output.h"
#include "recorder/pipeline/call_facts.h"
#include "recorder/pipeline/pcap_output.h"
#include "recorder/session/parties.h"

namespace sr::recorder {
namespace {

using archive::Recording;
using capture::CapturedCall;

constexpr std::uint64_t kPartSeconds = 4 * 3600; // design.md, Sound: a new part at 4 hours

struct CallWork {
    archive::Archive& archive;
    const CapturedCall& call;
    const ImportOptions& options;
    const Progress& progress;
    Parties parties;
    CallOutcome outcome;
};

/// Further parts are recordings of their own, so each has its own fingerprint.
std::string partFingerprint(const std::string& fingerprint, std::uint64_t part)
{
    return part == 0 ? fingerprint
                     : toHex(crypto::sha256(bytesOf(fingerprint + " part " + std::to_string(part + 1))));
}

/// Sound that nobody can decode, even of one party alone, is kept as packets, so that nothing is lost.
OutputFormat formatFor(OutputFormat wanted, const codec::CallAudioInfo& info)
{
    return losesParty(info) ? OutputFormat::Pcap : wanted;
}

std::uint64_t framesPerPart(OutputFormat format, const codec::CallAudioInfo& info)
{
    return format == OutputFormat::Pcap ? std::max<std::uint64_t>(info.frames, 1)
                                        : kPartSeconds * info.format.sampleRate;
}

Status commitDraft(CallWork& work, archive::Draft& draft, Recording recording)
{
    const std::string uid = recording.uid;
    auto row = draft.commit(std::move(recording));
    if (row) {
        work.outcome.recordings.push_back(std::move(*row));
        return {};
    }
    if (row.error().code != archive::ArchiveErrc::Duplicate)
        return row.error();
    work.outcome.duplicates.push_back(uid); // another program was faster
    return {};
}

Status recordPart(CallWork& work, codec::CallAudio& audio, Recording recording, OutputFormat format,
                  std::uint64_t firstFrame, std::uint64_t frames)
{
    auto draft = work.archive.draft(recording.uid, mediaFormatOf(format), work.options.seal);
    if (!draft)
        return draft.error();
    recording.format = mediaFormatOf(format);
    recording.layout = layoutOf(format);
    addSoundFacts(recording, audio.info(), firstFrame, frames);
    addCutPackets(recording, work.call, work.parties);
    if (format == OutputFormat::Pcap) {
        if (auto written = writeCallPcap(work.call, (*draft)->audio(), work.progress); !written)
            return written;
        recording.coding = "pcap";
        recording.sampleRate = audio.info().format.sampleRate;
        recording.frames = frames;
    } else {
        auto written = writeCallAudio(audio, frames, format, (*draft)->audio(), work.progress);
        if (!written)
            return written.error();
        recording.coding = written->coding;
        recording.sampleRate = written->sampleRate;
        recording.frames = written->frames;
    }
    return commitDraft(work, **draft, std::move(recording));
}

/// Name of a suite that we cannot decrypt, if that is why a stream stays locked; else empty.
std::string unsupportedSuite(const CapturedCall& call)
{
    std::string name;
    for (const capture::CallStream& stream : call.streams) {
        for (const rtp::MediaEpoch& epoch : stream.rtp.epochs) {
            for (const rtp::SrtpKey& key : epoch.srtpKeys) {
                const auto receiver = rtp::SrtpReceiver::open(key);
                if (receiver)
                    return {};
                if (receiver.error().code == rtp::SrtpErrc::UnknownSuite)
                    name = key.suite;
            }
        }
    }
    return name;
}

void noteUndecoded(CallWork& work, const std::string& uid, const codec::CallAudioInfo& info)
{
    const std::uint64_t packets = info.undecodable[codec::kInternal] + info.undecodable[codec::kExternal];
    if (packets == 0 || work.outcome.recordings.empty())
        return;
    const bool kept = work.outcome.recordings.front().format == archive::MediaFormat::Pcap;
    const std::uint64_t locked = info.locked[codec::kInternal] + info.locked[codec::kExternal];
    work.outcome.undecoded =
        Undecoded{uid, packets, locked, kept, locked > 0 ? unsupportedSuite(work.call) : std::string()};
}

/// Whether the capture holds all that was kept: of a part of it only that part would be left.
bool coversKept(const CapturedCall& call, const codec::CallAudioInfo& info, const Recording& kept)
{
    constexpr std::uint64_t kRounding = 100; // [ms]
    std::uint64_t packets = 0;
    for (const capture::CallStream& stream : call.streams)
        packets += stream.rtp.packets;
    return info.frames * 1000 / info.format.sampleRate + kRounding >= kept.durationMs &&
           packets >= kept.lockedPackets[codec::kInternal] + kept.lockedPackets[codec::kExternal];
}

/// A recording that was kept as packets, because nobody had the keys, becomes what is asked for once they
/// come. False: there is nothing to complete.
Result<bool> complete(CallWork& work, const archive::RecordingRow& row)
{
    const OutputFormat wanted = work.options.format;
    if (row.format != archive::MediaFormat::Pcap || wanted == OutputFormat::Pcap || !work.call.answered ||
        work.options.srtpKeys.empty())
        return false;
    auto known = work.archive.recording(row.uid);
    if (!known)
        return known.error();
    if (known->lockedPackets[codec::kInternal] + known->lockedPackets[codec::kExternal] == 0)
        return false;
    auto audio = codec::CallAudio::open(audioInputOf(work.call, work.parties, work.options.alwaysG711));
    if (!audio)
        return audio.error();
    const codec::CallAudioInfo& info = (*audio)->info();
    if (formatFor(wanted, info) == OutputFormat::Pcap || info.frames > framesPerPart(wanted, info) ||
        !coversKept(work.call, info, *known))
        return false;
    const auto fill = [&](const Recording& current, const std::unique_ptr<ByteSource>&,
                          ByteSink& out) -> Result<Recording> {
        auto written = writeCallAudio(**audio, info.frames, wanted, out, work.progress);
        if (!written)
            return written.error();
        Recording changed = becomeSound(current, *written, wanted, info);
        addCutPackets(changed, work.call, work.parties);
        return changed;
    };
    auto converted = work.archive.convert(row.uid, mediaFormatOf(wanted), row.sealed, fill);
    if (!converted)
        return converted.error();
    work.outcome.recordings.push_back(std::move(*converted));
    return true;
}

Status recordAnswered(CallWork& work, const Recording& base)
{
    auto audio = codec::CallAudio::open(audioInputOf(work.call, work.parties, work.options.alwaysG711));
    if (!audio)
        return audio.error();
    const codec::CallAudioInfo& info = (*audio)->info();
    const OutputFormat format = formatFor(work.options.format, info);
    const std::uint64_t rate = info.format.sampleRate;
    const std::uint64_t perPart = framesPerPart(format, info);
    std::uint64_t part = 0;
    do {
        Recording recording = base;
        recording.fingerprint = partFingerprint(base.fingerprint, part);
        const std::uint64_t firstFrame = part * perPart;
        const std::uint64_t frames = std::min(perPart, info.frames - firstFrame);
        recording.start = base.start + seconds(firstFrame / rate);
        recording.durationMs = frames * 1000 / rate;
        work.archive.stampLocal(recording.start, recording.name, recording.utcOffsetMinutes);
        if (auto done = recordPart(work, **audio, std::move(recording), format, firstFrame, frames); !done)
            return done;
        ++part;
    } while (part * perPart < info.frames);
    noteUndecoded(work, base.uid, info);
    return {};
}

} // namespace

Result<CallOutcome> recordCall(archive::Archive& archive, const CapturedCall& call,
                               const ImportOptions& options, const Progress& progress)
{
    CallWork work{archive, call, options, progress, decideParties(call, options.internalPattern), {}};
    Recording recording = callFacts(call, work.parties);
    auto known = archive.findDuplicate(recording.uid, recording.fingerprint);
    if (!known)
        return known.error();
    if (*known) {
        const auto completed = complete(work, **known);
        if (!completed)
            return completed.error();
        if (*completed)
            return work.outcome;
        work.outcome.duplicates.push_back((*known)->uid);
        return work.outcome;
    }
    if (call.answered) {
        if (auto done = recordAnswered(work, recording); !done)
            return done.error();
        return work.outcome;
    }
    for (const capture::CallStream& stream : call.streams)
        work.outcome.earlyPackets += stream.rtp.packets;
    archive.stampLocal(recording.start, recording.name, recording.utcOffsetMinutes);
    auto row = archive.commitCall(std::move(recording));
    if (row)
        work.outcome.unanswered.push_back(std::move(*row));
    else if (row.error().code == archive::ArchiveErrc::Duplicate)
        work.outcome.duplicates.push_back(uidOf(call));
    else
        return row.error();
    return work.outcome;
}

} // namespace sr::recorder
