// SPDX-License-Identifier: GPL-3.0-or-later
// From an archive row to a seekable reader; packet recordings are rendered like an import does it.
#include "player/engine/recording_audio.h"

#include "core/capture/capture_reader.h"
#include "core/codec/call_audio.h"
#include "player/engine/audio_output.h"

#include <algorithm>
#include <optional>

namespace sr::player {

namespace {

using archive::ChannelLayout;
using capture::CapturedCall;

/// All streams of both speakers.
std::uint64_t packetsOf(const CapturedCall& call)
{
    std::uint64_t packets = 0;
    for (const capture::CallStream& stream : call.streams)
        packets += stream.rtp.packets;
    return packets;
}

/// Is the caller our side? Numbers decide where they tell the parties apart, else the direction does.
bool callerIsInternal(const CapturedCall& call, const archive::RecordingRow& row)
{
    const bool callerMatches = call.caller.number == row.internal;
    const bool calleeMatches = call.callee.number == row.internal;
    if (callerMatches != calleeMatches)
        return callerMatches;
    return row.direction == archive::CallDirection::Out;
}

Result<RecordingAudio> openPackets(ByteSource& source, const archive::RecordingRow& row)
{
    std::optional<CapturedCall> best; // a recording is one call; strays in the file are smaller
    Progress silent;
    std::vector<capture::FileError> errors;
    const Result<capture::CaptureStats> read = capture::readCapture(
        source, row.file, capture::ReadOptions{}, silent,
        [&best](CapturedCall&& call) {
            if (!best || packetsOf(call) > packetsOf(*best))
                best = std::move(call);
        },
        errors);
    if (!read)
        return read.error();
    if (!best || packetsOf(*best) == 0)
        return errors.empty() ? fail(PlayErrc::NoAudio, row.file) : errors.front().error;

    codec::CallAudioInput input;
    const bool callerInternal = callerIsInternal(*best, row);
    for (capture::CallStream& stream : best->streams) {
        const bool caller = stream.speaker == capture::Party::Caller;
        input.party[caller == callerInternal ? codec::kInternal : codec::kExternal].push_back(
            std::move(stream.rtp));
    }
    input.start = best->answered.value_or(best->firstPacket);
    input.end = std::max(best->ended, input.start);
    Result<std::unique_ptr<codec::AudioReader>> reader = codec::openCallReader(std::move(input));
    if (!reader)
        return reader.error();
    return RecordingAudio{std::move(reader).value(), ChannelLayout::Stereo};
}

} // namespace

Result<RecordingAudio> openRecordingAudio(archive::Archive& archive, const std::string& uid)
{
    const Result<archive::RecordingRow> row = archive.row(uid);
    if (!row)
        return row.error();
    if (row->format == archive::MediaFormat::None)
        return fail(PlayErrc::NoAudio, row->file);
    Result<std::unique_ptr<ByteSource>> bytes = archive.openAudio(row->uid);
    if (!bytes)
        return bytes.error();
    if (row->format == archive::MediaFormat::Pcap)
        return openPackets(**bytes, *row);

    Result<std::unique_ptr<codec::AudioReader>> reader = codec::openAudio(std::move(bytes).value());
    if (!reader)
        return reader.error();
    RecordingAudio audio{std::move(reader).value(), ChannelLayout::Stereo};
    if (audio.reader->channels() == 1) {
        // Whose voice a single channel is stands in the sidecar only; a lone file is a mono mix to us.
        const Result<archive::Recording> sidecar =
            row->hasSidecar ? archive.recording(row->uid) : Result<archive::Recording>(archive::Recording{});
        audio.layout = row->hasSidecar && sidecar ? sidecar->layout : ChannelLayout::Mono;
    }
    return audio;
}

} // namespace sr::player
