// SPDX-License-Identifier: GPL-3.0-or-later
// From a captured call to committed recordings: parties, name, sound, sidecar facts, commit.
#include "recorder/pipeline/call_recorder.h"

#include "core/crypto/digest.h"
#include "core/rtp/srtp.h"
#include "recorder/pipeline/audio_output.h"
#include "recorder/pipeline/call_facts.h"
#include "recorder/pipeline/pcap_output.h"
#include "recorder/session/parties.h"

#include <utility>

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
    CallOutcome outcome = {};
    std::unique_ptr<archive::Draft> draft = {}; ///< written, not yet committed as `recording`
    Recording recording = {};
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

Status commitDraft(CallWork& work)
{
    if (!work.draft)
        return {};
    const std::string uid = work.recording.uid;
    auto row = std::exchange(work.draft, nullptr)->commit(std::move(work.recording));
    if (row) {
        work.outcome.recordings.push_back(std::move(*row));
        return {};
    }
    if (row.error().code != archive::ArchiveErrc::Duplicate)
        return row.error();
    work.outcome.duplicates.push_back(uid); // another program was faster
    return {};
}

Status writePart(CallWork& work, codec::CallAudio& audio, Recording recording, OutputFormat format,
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
    work.draft = std::move(*draft);
    work.recording = std::move(recording);
    return {};
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
    if (packets == 0)
        return;
    const bool kept = formatFor(work.options.format, info) == OutputFormat::Pcap;
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

/// All parts but the last are committed too.
Status writeAnswered(CallWork& work, const Recording& base)
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
        if (auto done = commitDraft(work); !done)
            return done;
        if (auto done = writePart(work, **audio, std::move(recording), format, firstFrame, frames); !done)
            return done;
        ++part;
    } while (part * perPart < info.frames);
    noteUndecoded(work, base.uid, info);
    return {};
}

Status commitUnanswered(CallWork& work, Recording recording)
{
    for (const capture::CallStream& stream : work.call.streams)
        work.outcome.earlyPackets += stream.rtp.packets;
    work.archive.stampLocal(recording.start, recording.name, recording.utcOffsetMinutes);
    auto row = work.archive.commitCall(std::move(recording));
    if (row)
        work.outcome.unanswered.push_back(std::move(*row));
    else if (row.error().code == archive::ArchiveErrc::Duplicate)
        work.outcome.duplicates.push_back(uidOf(work.call));
    else
        return row.error();
    return {};
}

/// Everything but the last commit of a recording.
Status begin(CallWork& work)
{
    Recording recording = callFacts(work.call, work.parties);
    auto known = work.archive.findDuplicate(recording.uid, recording.fingerprint);
    if (!known)
        return known.error();
    if (*known) {
        const auto completed = complete(work, **known);
        if (!completed)
            return completed.error();
        if (!*completed)
            work.outcome.duplicates.push_back((*known)->uid);
        return {};
    }
    return work.call.answered ? writeAnswered(work, recording) : commitUnanswered(work, std::move(recording));
}

Result<CallOutcome> end(CallWork& work, const Status& begun)
{
    // A part that is whole stays, whatever became of the next.
    if (auto committed = commitDraft(work); !committed)
        return committed.error();
    if (!begun)
        return begun.error();
    if (work.outcome.recordings.empty())
        work.outcome.undecoded.reset();
    return std::move(work.outcome);
}

CallWork workOn(archive::Archive& archive, const CapturedCall& call, const ImportOptions& options,
                const Progress& progress)
{
    return {archive, call, options, progress, decideParties(call, options.internalPattern)};
}

} // namespace

Result<CallOutcome> recordCall(archive::Archive& archive, const CapturedCall& call,
                               const ImportOptions& options, const Progress& progress)
{
    CallWork work = workOn(archive, call, options, progress);
    return end(work, begin(work));
}

std::array<Result<CallOutcome>, 2> recordTwoCalls(archive::Archive& archive,
                                                  const std::array<const CapturedCall*, 2>& calls,
                                                  const ImportOptions& options, const Progress& progress)
{
    CallWork first = workOn(archive, *calls[0], options, progress);
    CallWork second = workOn(archive, *calls[1], options, progress);
    const Status firstBegun = begin(first);
    const Status secondBegun = begin(second);
    if (first.draft && second.draft)
        first.draft->finishWith(*second.draft);
    return {end(first, firstBegun), end(second, secondBegun)};
}

} // namespace sr::recorder
