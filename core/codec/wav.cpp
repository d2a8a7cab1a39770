// SPDX-License-Identifier: GPL-3.0-or-later
// RIFF/WAVE as Microsoft's "Multimedia Data Standards Update" (1994) gives it, for G.711 and 16-bit PCM.
#include "core/codec/wav.h"

#include "core/codec/payload_decoder.h"

#include <array>
#include <optional>

namespace sr::codec {
namespace {

constexpr std::uint16_t kTagPcm = 1;
constexpr std::uint16_t kTagALaw = 6;
constexpr std::uint16_t kTagULaw = 7;
constexpr std::uint16_t kTagExtensible = 0xfffe;
constexpr int kMaxChunks = 1000; // before the data; real files have a handful
constexpr std::uint16_t kMaxChannels = 8;
constexpr std::uint32_t kMaxSampleRate = 384000; // [Hz]

class Writer {
public:
    void tag(std::string_view four)
    {
        const ByteView bytes = bytesOf(four);
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
    }
    template <typename T>
    void number(T value)
    {
        m_bytes.resize(m_bytes.size() + sizeof(T));
        storeLe<T>(m_bytes.data() + m_bytes.size() - sizeof(T), value);
    }
    Bytes take() { return std::move(m_bytes); }

private:
    Bytes m_bytes;
};

Error bad(std::uint64_t offset, const char* what)
{
    return fail(CodecErrc::BadFile, "WAV at octet " + std::to_string(offset) + ": " + what);
}

Result<AudioFormat> parseFormat(ByteView chunk, std::uint64_t offset)
{
    ByteReader reader(chunk);
    auto tag = reader.le<std::uint16_t>();
    const auto channels = reader.le<std::uint16_t>();
    const auto sampleRate = reader.le<std::uint32_t>();
    reader.take(4); // octets per second follow from the rest
    const auto blockAlign = reader.le<std::uint16_t>();
    const auto bits = reader.le<std::uint16_t>();
    if (reader.failed())
        return bad(offset, "format chunk is too short");
    if (tag == kTagExtensible) {
        reader.take(8);                   // size of the extension, valid bits, speaker mask
        tag = reader.le<std::uint16_t>(); // first field of the sub-format GUID
        if (reader.failed())
            return bad(offset, "extensible format chunk is too short");
    }
    AudioFormat format;
    if (tag == kTagPcm && bits == 16)
        format.coding = SampleCoding::Pcm16;
    else if (tag == kTagALaw && bits == 8)
        format.coding = SampleCoding::ALaw;
    else if (tag == kTagULaw && bits == 8)
        format.coding = SampleCoding::ULaw;
    else
        return bad(offset, "neither 16-bit PCM nor G.711");
    if (channels == 0 || channels > kMaxChannels || sampleRate == 0 || sampleRate > kMaxSampleRate)
        return bad(offset, "number of channels or sample rate is out of range");
    format.channels = static_cast<std::uint8_t>(channels);
    format.sampleRate = sampleRate;
    if (blockAlign != format.frameBytes())
        return bad(offset, "size of a frame does not fit the channels");
    return format;
}

} // namespace

Result<Bytes> wavHeader(const AudioFormat& format, std::uint64_t frames)
{
    const bool pcm = format.coding == SampleCoding::Pcm16;
    const std::uint64_t headBytes = pcm ? 44 : 58;
    const std::uint64_t dataBytes = frames * format.frameBytes();
    const std::uint64_t riffBytes = headBytes - 8 + dataBytes + wavPadding(format, frames);
    if (frames > 0xffffffffU || riffBytes > 0xffffffffU)
        return fail(BaseErrc::TooLarge, "WAV of " + std::to_string(frames) + " frames");

    Writer out;
    out.tag("RIFF");
    out.number(static_cast<std::uint32_t>(riffBytes));
    out.tag("WAVEfmt ");
    out.number<std::uint32_t>(pcm ? 16 : 18);
    out.number(pcm ? kTagPcm : format.coding == SampleCoding::ALaw ? kTagALaw : kTagULaw);
    out.number<std::uint16_t>(format.channels);
    out.number(format.sampleRate);
    out.number<std::uint32_t>(format.sampleRate * format.frameBytes());
    out.number(static_cast<std::uint16_t>(format.frameBytes()));
    out.number<std::uint16_t>(pcm ? 16 : 8);
    if (!pcm) {
        out.number<std::uint16_t>(0); // no extension
        out.tag("fact");
        out.number<std::uint32_t>(4);
        out.number(static_cast<std::uint32_t>(frames)); // per channel
    }
    out.tag("data");
    out.number(static_cast<std::uint32_t>(dataBytes));
    return out.take();
}

std::size_t wavPadding(const AudioFormat& format, std::uint64_t frames)
{
    return static_cast<std::size_t>((frames * format.frameBytes()) & 1U);
}

Result<WavInfo> parseWav(ByteSource& source)
{
    const std::uint64_t size = source.size();
    std::array<std::byte, 12> head{};
    const auto got = source.readAt(0, head);
    if (!got)
        return got.error();
    if (*got < head.size() || textOf(head).substr(0, 4) != "RIFF" || textOf(head).substr(8, 4) != "WAVE")
        return bad(0, "no RIFF/WAVE header");

    std::optional<AudioFormat> format;
    std::optional<std::pair<std::uint64_t, std::uint64_t>> data; // offset, octets
    std::uint64_t at = 12;
    for (int chunks = 0; chunks < kMaxChunks && (!format || !data); ++chunks) {
        std::array<std::byte, 8> chunk{};
        const auto part = source.readAt(at, chunk);
        if (!part)
            return part.error();
        if (*part < chunk.size())
            break;
        const auto bytes = std::uint64_t{loadLe<std::uint32_t>(chunk.data() + 4)};
        const std::string_view id = textOf(chunk).substr(0, 4);
        at += chunk.size();
        if (id == "fmt " && !format) {
            std::array<std::byte, 40> fields{};
            const auto read = source.readAt(at, std::span(fields).first(std::min<std::uint64_t>(bytes, 40)));
            if (!read)
                return read.error();
            auto parsed = parseFormat(ByteView(fields).first(*read), at);
            if (!parsed)
                return parsed.error();
            format = *parsed;
        } else if (id == "data" && !data) {
            // Streams that never learned their length say 0xffffffff; what is there counts.
            data = {at, std::min(bytes, size - std::min(at, size))};
        }
        at += bytes + (bytes & 1U);
    }
    if (!format)
        return bad(at, "no format chunk");
    if (!data)
        return bad(at, "no data chunk");
    return WavInfo{*format, data->first, data->second / format->frameBytes()};
}

} // namespace sr::codec
