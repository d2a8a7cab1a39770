// SPDX-License-Identifier: GPL-3.0-or-later
// One recording after the other into the wanted format; Archive::convert makes each step whole or not at all.
#include "recorder/pipeline/convert_job.h"

#include "core/capture/capture_reader.h"
#include "core/codec/payload_decoder.h"
#include "core/rtp/srtp.h"
#include "recorder/pipeline/audio_output.h"
#include "recorder/pipeline/call_facts.h"

namespace sr::recorder {
namespace {

using archive::MediaFormat;
using archive::Recording;

constexpr std::uint64_t kPage = 500;

/// The call of a native pcap recording. Files hold one call; should one hold more, the longest is meant.
Result<capture::CapturedCall> callIn(ByteSource& source, const std::string& name)
{
    capture::CapturedCall longest;
    std::uint64_t most = 0;
    Progress quiet;
    std::vector<capture::FileError> errors;
    const auto keepLongest = [&](capture::CapturedCall&& call) {
        std::uint64_t packets = 1;
        for (const capture::CallStream& stream : call.streams)
            packets += stream.rtp.packets;
        if (packets > most) {
            most = packets;
            longest = std::move(call);
        }
    };
    auto read = capture::readCapture(source, name, {}, quiet, keepLongest, errors);
    if (!read)
        return read.error();
    if (most == 0)
        return errors.empty() ? fail(BaseErrc::Malformed, "no call in " + name) : errors.front().error;
    return longest;
}

/// The sidecar knows who was internal; the packets only know who called.
Parties partiesOf(const Recording& recording)
{
    const bool outgoing = recording.direction == archive::CallDirection::Out;
    return {.internal = outgoing ? capture::Party::Caller : capture::Party::Callee,
            .direction = recording.direction};
}

Result<Recording> fillFromPcap(ByteSource& source, const Recording& current, OutputFormat to, ByteSink& out,
                               const Progress& progress)
{
    auto call = callIn(source, current.name.toString());
    if (!call)
        return call.error();
    codec::CallAudioInput input = audioInputOf(*call, partiesOf(current), false);
    input.start = current.start;
    auto audio = codec::CallAudio::open(std::move(input));
    if (!audio)
        return audio.error();
    const codec::CallAudioInfo& info = (*audio)->info();
    if (losesParty(info) && info.locked[codec::kInternal] + info.locked[codec::kExternal] > 0)
        return fail(rtp::SrtpErrc::NoKey, "so its packets stay; import the capture again with --srtp-key");
    if (losesParty(info))
        return fail(codec::CodecErrc::Unsupported, "a party in it cannot be decoded, so the packets stay");
    auto written = writeCallAudio(**audio, info.frames, to, out, progress);
    if (!written)
        return written.error();
    return becomeSound(current, *written, to, info);
}

Result<Recording> fillFromWav(std::unique_ptr<ByteSource> source, const Recording& current, OutputFormat to,
                              ByteSink& out, const Progress& progress)
{
    auto audio = codec::openAudio(std::move(source));
    if (!audio)
        return audio.error();
    auto written = writeDecodedAudio(**audio, to, out, progress);
    if (!written)
        return written.error();
    Recording changed = current;
    changed.coding = written->coding;
    changed.layout = layoutOf(to);
    keepMarksOfLayout(changed);
    return changed;
}

bool canBecome(MediaFormat from, OutputFormat to)
{
    switch (from) {
    case MediaFormat::Pcap:
        return to != OutputFormat::Pcap;
    case MediaFormat::Wav:
        return to != OutputFormat::Pcap && to != OutputFormat::Wav;
    case MediaFormat::Mp3:
    case MediaFormat::None:
        break;
    }
    return false; // what MP3 lost cannot be brought back
}

Status convertOne(archive::Archive& archive, const archive::RecordingRow& row, OutputFormat to, bool seal,
                  const Progress& progress)
{
    const auto fill = [&](const Recording& current, std::unique_ptr<ByteSource> source,
                          ByteSink& out) -> Result<Recording> {
        if (current.format != row.format)
            return fail(BaseErrc::Locked, "another program has converted it meanwhile");
        return row.format == MediaFormat::Pcap ? fillFromPcap(*source, current, to, out, progress)
                                               : fillFromWav(std::move(source), current, to, out, progress);
    };
    auto converted = archive.convert(row.uid, mediaFormatOf(to), row.sealed || seal, fill);
    if (!converted)
        return converted.error();
    return {};
}

} // namespace

Result<ConvertReport> convertArchive(archive::Archive& archive, OutputFormat to, bool seal,
                                     Progress& progress)
{
    ConvertReport report;
    archive::RecordingFilter filter;
    filter.oldestFirst = true; // new calls arrive at the end and do not shift the pages
    const auto total = archive.count(filter);
    if (!total)
        return total.error();
    std::uint64_t done = 0;
    for (std::uint64_t offset = 0;; offset += kPage) {
        auto rows = archive.page(filter, offset, kPage);
        if (!rows)
            return rows.error();
        for (const archive::RecordingRow& row : *rows) {
            if (progress.cancelled())
                return fail(BaseErrc::Cancelled, "converted " + std::to_string(report.converted));
            progress.report(++done, *total);
            if (to == OutputFormat::Pcap && row.format != MediaFormat::Pcap) {
                report.failed.emplace_back(
                    row.uid, Error{codec::CodecErrc::Unsupported,
                                   row.file + ": its packets are gone, so it cannot become pcap again"});
                continue;
            }
            if (!canBecome(row.format, to)) {
                ++report.skipped;
                continue;
            }
            const auto converted = convertOne(archive, row, to, seal, progress);
            if (converted)
                ++report.converted;
            else if (converted.error().code == BaseErrc::Cancelled ||
                     converted.error().code == BaseErrc::DiskFull)
                return converted.error();
            else
                report.failed.emplace_back(row.uid, converted.error());
        }
        if (rows->size() < kPage)
            return report;
    }
}

} // namespace sr::recorder
