// SPDX-License-Identifier: GPL-3.0-or-later
// Sounds from files: payload without a header by the end of the name, containers by core/codec.
#include "core/codec/audio_file.h"
#include "core/codec/g711.h"
#include "core/codec/payload_decoder.h"
#include "core/codec/resampler.h"
#include "core/media/sound.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace sr::media {
namespace {

using Samples = std::vector<std::int16_t>;

/// A format without a header.
struct RawFormat {
    std::string_view suffix;
    const char* encoding;
    Sound::Kept kept;
    std::uint32_t rate;       ///< [Hz]
    std::uint32_t perSecond;  ///< [octets]
    std::size_t payloadBytes; ///< decoded at once
};
constexpr std::array kRaw{
    RawFormat{".g711a", "PCMA", Sound::Kept::ALaw, kNarrowband, 8000, 800},
    RawFormat{".g711u", "PCMU", Sound::Kept::ULaw, kNarrowband, 8000, 800},
    RawFormat{".g722", "G722", Sound::Kept::Nothing, kWideband, 8000, 800},
    RawFormat{".g729", "G729", Sound::Kept::G729, kNarrowband, 1000, 10},
};

std::string lowerCase(std::string text)
{
    for (char& c : text)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return text;
}

Error tooLong(const std::string& name, const SoundLimits& limits)
{
    return fail(MediaErrc::TooLong, name + " over " + std::to_string(limits.length.count()) + " s");
}

Result<SoundPtr> readRaw(Bytes file, const RawFormat& format, const std::string& name,
                         const SoundLimits& limits)
{
    if (file.size() / format.perSecond > static_cast<std::uint64_t>(limits.length.count()))
        return tooLong(name, limits);
    auto decoder = codec::PayloadDecoder::open({format.encoding, kNarrowband, 1, {}});
    if (!decoder)
        return decoder.error();
    if (format.kept == Sound::Kept::G729)
        file.resize(file.size() / format.payloadBytes * format.payloadBytes); // a cut last frame says nothing
    Samples samples;
    for (std::size_t at = 0; at < file.size(); at += format.payloadBytes) {
        const std::size_t count = std::min(format.payloadBytes, file.size() - at);
        if (Status status = (*decoder)->decode(ByteView(file).subspan(at, count), samples); !status)
            return Error{status.error().code, name + ": " + status.error().context};
    }
    if (format.kept == Sound::Kept::Nothing)
        file.clear();
    return std::make_shared<const Sound>(std::move(samples), format.rate, format.kept, std::move(file));
}

void appendMixed(std::span<const std::int16_t> interleaved, std::size_t channels, Samples& out)
{
    for (std::size_t at = 0; at + channels <= interleaved.size(); at += channels) {
        int sum = 0;
        for (std::size_t channel = 0; channel < channels; ++channel)
            sum += interleaved[at + channel];
        out.push_back(static_cast<std::int16_t>(sum / static_cast<int>(channels)));
    }
}

Result<Samples> atRate(Samples samples, std::uint32_t from, std::uint32_t to)
{
    if (from == to)
        return samples;
    auto resampler = codec::Resampler::open(from, to, 1);
    if (!resampler)
        return resampler.error();
    Samples out;
    if (Status status = (*resampler)->process(samples, out); !status)
        return status.error();
    if (Status status = (*resampler)->finish(out); !status)
        return status.error();
    return out;
}

/// Octets that the source owns.
class OwnSource final : public ByteSource {
public:
    explicit OwnSource(Bytes bytes)
        : m_bytes(std::move(bytes))
        , m_source(m_bytes)
    {}
    std::uint64_t size() const override { return m_source.size(); }
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override
    {
        return m_source.readAt(offset, out);
    }

private:
    Bytes m_bytes;
    MemorySource m_source;
};

Result<SoundPtr> readContainer(Bytes file, const std::string& name, const SoundLimits& limits)
{
    auto reader = codec::openAudio(std::make_unique<OwnSource>(std::move(file)));
    if (!reader)
        return fail(MediaErrc::UnknownFile, name + ": " + reader.error().text());
    const std::uint32_t rate = (*reader)->sampleRate();
    const std::size_t channels = (*reader)->channels();
    if (rate == 0 || channels == 0)
        return fail(MediaErrc::UnknownFile, name);
    const std::uint64_t most = static_cast<std::uint64_t>(limits.length.count()) * rate;
    Samples mono;
    Samples block(std::size_t{4096} * channels);
    for (;;) {
        auto frames = (*reader)->read(block);
        if (!frames)
            return frames.error();
        if (*frames == 0)
            break;
        appendMixed(std::span(block).first(*frames * channels), channels, mono);
        if (mono.size() > most)
            return tooLong(name, limits);
    }
    const std::uint32_t wanted = rate <= kNarrowband ? kNarrowband : kWideband;
    auto samples = atRate(std::move(mono), rate, wanted);
    if (!samples)
        return samples.error();
    return Sound::of(std::move(*samples), wanted);
}

} // namespace

Result<SoundPtr> Sound::read(Bytes file, const std::string& name, const SoundLimits& limits)
{
    if (file.size() > limits.octets)
        return fail(BaseErrc::TooLarge, name);
    const std::string lower = lowerCase(name);
    for (const RawFormat& format : kRaw) {
        if (lower.ends_with(format.suffix))
            return readRaw(std::move(file), format, name, limits);
    }
    return readContainer(std::move(file), name, limits);
}

Result<SoundPtr> Sound::load(const Path& file, const SoundLimits& limits)
{
    auto bytes = readFile(file, limits.octets);
    if (!bytes)
        return bytes.error();
    return read(std::move(*bytes), utf8Of(file.filename()), limits);
}

} // namespace sr::media
