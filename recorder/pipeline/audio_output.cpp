// SPDX-License-Identifier: GPL-3.0-or-later
// WAV and MP3 writing in blocks; one party or a down-mix is taken here, so the other never reaches the file.
#include "recorder/pipeline/audio_output.h"

#include "core/codec/mp3_encoder.h"
#include "core/codec/wav.h"

#include <algorithm>
#include <memory>

namespace sr::recorder {
namespace {

constexpr std::size_t kBlockFrames = 32 * 1024;
constexpr std::size_t kWavBlock = 256 * 1024; // [octets] what a draft writes as it is; fits the cache

const char* codingName(codec::SampleCoding coding)
{
    switch (coding) {
    case codec::SampleCoding::ALaw:
        return "pcma";
    case codec::SampleCoding::ULaw:
        return "pcmu";
    case codec::SampleCoding::Pcm16:
        return "pcm16";
    }
    return "";
}

Error cancelled()
{
    return fail(BaseErrc::Cancelled, "writing audio");
}

/// Stereo int16 to what the format keeps, in place; returns the samples left.
std::span<std::int16_t> downMix(OutputFormat format, std::span<std::int16_t> stereo)
{
    const std::size_t frames = stereo.size() / 2;
    switch (format) {
    case OutputFormat::Mp3Mono:
        for (std::size_t i = 0; i < frames; ++i)
            stereo[i] = static_cast<std::int16_t>((stereo[2 * i] + stereo[2 * i + 1]) / 2);
        return stereo.first(frames);
    case OutputFormat::Mp3Internal:
    case OutputFormat::Mp3External: {
        const std::size_t channel = format == OutputFormat::Mp3Internal ? codec::kInternal : codec::kExternal;
        for (std::size_t i = 0; i < frames; ++i)
            stereo[i] = stereo[2 * i + channel];
        return stereo.first(frames);
    }
    case OutputFormat::Wav:
    case OutputFormat::Mp3:
    case OutputFormat::Pcap:
        break;
    }
    return stereo;
}

Result<WrittenAudio> writeWav(codec::CallAudio& audio, std::uint64_t frames, ByteSink& out,
                              const Progress& progress)
{
    const codec::AudioFormat& format = audio.info().format;
    const auto header = codec::wavHeader(format, frames);
    if (!header)
        return header.error();
    // Straight into the sink's own room, or block by block through one of ours. The header goes out with the
    // first sound: then all writes but the last begin and end with a page.
    const std::size_t frameBytes = format.frameBytes();
    const std::span<std::byte> room = out.room(header->size() + frames * frameBytes);
    const auto ours = room.empty() ? std::make_unique_for_overwrite<std::byte[]>(kWavBlock) : nullptr;
    std::span<std::byte> block = room.empty() ? std::span(ours.get(), kWavBlock) : room;
    std::ranges::copy(*header, block.begin());
    std::size_t used = header->size();
    for (std::uint64_t left = frames; left > 0 || used > 0;) {
        if (progress.cancelled())
            return cancelled();
        const std::size_t end = std::min(block.size(), kWavBlock);
        const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(left, (end - used) / frameBytes));
        const auto got = audio.readCoded(block.subspan(used, want * frameBytes));
        if (!got)
            return got.error();
        if (*got == 0 && want > 0)
            return fail(BaseErrc::Truncated, "the call's audio ended before its plan");
        left -= *got;
        used += *got * frameBytes;
        if (left > 0 && end - used >= frameBytes)
            continue;
        if (auto written = out.write(block.first(used)); !written)
            return written.error();
        if (!room.empty())
            block = block.subspan(used);
        used = 0;
    }
    if (codec::wavPadding(format, frames) != 0) {
        if (auto written = out.write(Bytes(1)); !written)
            return written.error();
    }
    return WrittenAudio{codingName(format.coding), format.sampleRate, frames};
}

/// `pull(block)` fills stereo frames and returns how many; 0 at the end.
template <typename Pull>
Result<WrittenAudio> writeMp3(std::uint32_t sampleRate, std::uint64_t frames, OutputFormat format,
                              ByteSink& out, const Progress& progress, Pull pull)
{
    const bool stereo = format == OutputFormat::Mp3;
    codec::Mp3Options options;
    options.sampleRate = sampleRate;
    options.channels = static_cast<std::uint8_t>(stereo ? 2 : 1);
    options.frames = frames; // players then show exactly the length and places of the WAV
    auto encoder = codec::Mp3Encoder::open(out, options);
    if (!encoder)
        return encoder.error();
    std::vector<std::int16_t> block(kBlockFrames * 2);
    std::uint64_t done = 0;
    while (done < frames) {
        if (progress.cancelled())
            return cancelled();
        const std::size_t want =
            static_cast<std::size_t>(std::min<std::uint64_t>(frames - done, kBlockFrames));
        const Result<std::size_t> got = pull(std::span(block).first(want * 2));
        if (!got)
            return got.error();
        if (*got == 0)
            break;
        if (auto written = (*encoder)->write(downMix(format, std::span(block).first(*got * 2))); !written)
            return written.error();
        done += *got;
    }
    if (auto finished = (*encoder)->finish(); !finished)
        return finished.error();
    return WrittenAudio{"mp3", sampleRate, done};
}

} // namespace

archive::MediaFormat mediaFormatOf(OutputFormat format)
{
    switch (format) {
    case OutputFormat::Wav:
        return archive::MediaFormat::Wav;
    case OutputFormat::Pcap:
        return archive::MediaFormat::Pcap;
    case OutputFormat::Mp3:
    case OutputFormat::Mp3Mono:
    case OutputFormat::Mp3Internal:
    case OutputFormat::Mp3External:
        break;
    }
    return archive::MediaFormat::Mp3;
}

archive::ChannelLayout layoutOf(OutputFormat format)
{
    switch (format) {
    case OutputFormat::Mp3Mono:
        return archive::ChannelLayout::Mono;
    case OutputFormat::Mp3Internal:
        return archive::ChannelLayout::InternalOnly;
    case OutputFormat::Mp3External:
        return archive::ChannelLayout::ExternalOnly;
    case OutputFormat::Wav:
    case OutputFormat::Mp3:
    case OutputFormat::Pcap:
        break;
    }
    return archive::ChannelLayout::Stereo;
}

Result<WrittenAudio> writeCallAudio(codec::CallAudio& audio, std::uint64_t frames, OutputFormat format,
                                    ByteSink& out, const Progress& progress)
{
    if (format == OutputFormat::Wav)
        return writeWav(audio, frames, out, progress);
    return writeMp3(audio.info().format.sampleRate, frames, format, out, progress,
                    [&audio](std::span<std::int16_t> block) { return audio.readPcm(block); });
}

Result<WrittenAudio> writeDecodedAudio(codec::AudioReader& audio, OutputFormat format, ByteSink& out,
                                       const Progress& progress)
{
    if (audio.channels() != 2)
        return fail(BaseErrc::Malformed, "the recording holds one channel only");
    return writeMp3(audio.sampleRate(), audio.frames(), format, out, progress,
                    [&audio](std::span<std::int16_t> block) { return audio.read(block); });
}

} // namespace sr::recorder
