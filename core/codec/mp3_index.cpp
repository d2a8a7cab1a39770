// SPDX-License-Identifier: GPL-3.0-or-later
// Frame headers of MPEG layer III, the Xing/Info frame with LAME's extension, and the walk over a stream.
#include "core/codec/mp3_index.h"

#include "core/codec/payload_decoder.h"

#include <array>

namespace sr::codec {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;
constexpr std::uint64_t kMaxJunk = 4096;        // [octets] before the first frame
constexpr std::uint64_t kMaxFrames = 8'000'000; // over two days of sound
constexpr std::uint64_t kDecoderDelay = 529;    // samples every layer III decoder adds

/// End of the frames: a trailing ID3v1 tag is none.
Result<std::uint64_t> endOfFrames(BlockReader& reader, std::uint64_t size)
{
    if (size < 128)
        return size;
    const auto tail = reader.at(size - 128, 3);
    if (!tail)
        return tail.error();
    return textOf(*tail) == "TAG" ? size - 128 : size;
}

/// Past an ID3v2 tag (its length has seven bits an octet), else 0.
Result<std::uint64_t> startOfFrames(BlockReader& reader)
{
    const auto head = reader.at(0, 10);
    if (!head)
        return head.error();
    if (head->size() < 10 || textOf(*head).substr(0, 3) != "ID3")
        return std::uint64_t{0};
    std::uint64_t length = 0;
    for (std::size_t i = 6; i < 10; ++i)
        length = (length << 7) | (std::to_integer<std::uint64_t>((*head)[i]) & 0x7fU);
    return 10 + length;
}

Result<std::optional<Mp3Header>> headerAt(BlockReader& reader, std::uint64_t offset)
{
    const auto four = reader.at(offset, 4);
    if (!four)
        return four.error();
    return four->size() < 4 ? std::optional<Mp3Header>() : Mp3Header::parse(four->data());
}

/// True if frames follow each other from `offset`: three of them, or fewer up to the very end.
Result<bool> frameRow(BlockReader& reader, std::uint64_t offset, std::uint64_t end)
{
    std::optional<Mp3Header> first;
    for (int i = 0; i < 3; ++i) {
        if (i > 0 && offset == end)
            return true;
        const auto header = headerAt(reader, offset);
        if (!header)
            return header.error();
        if (!*header || (first && !(*header)->fits(*first)))
            return false;
        first = **header;
        offset += first->bytes;
    }
    return true;
}

} // namespace

std::optional<Mp3Header> Mp3Header::parse(const std::byte* four)
{
    const auto bits = loadBe<std::uint32_t>(four);
    const auto version = static_cast<std::uint8_t>((bits >> 19) & 3U);
    const std::uint32_t rateIndex = (bits >> 12) & 15U;
    const std::uint32_t frequency = (bits >> 10) & 3U;
    const bool layer3 = ((bits >> 17) & 3U) == 1;
    if ((bits >> 21) != 0x7ffU || version == 1 || !layer3 || rateIndex == 0 || rateIndex == 15 ||
        frequency == 3)
        return std::nullopt;
    static constexpr std::array<std::uint32_t, 15> kRates1{0,   32,  40,  48,  56,  64,  80, 96,
                                                           112, 128, 160, 192, 224, 256, 320};
    static constexpr std::array<std::uint32_t, 15> kRates2{0,  8,  16, 24,  32,  40,  48, 56,
                                                           64, 80, 96, 112, 128, 144, 160};
    static constexpr std::array<std::uint32_t, 3> kFrequencies{44100, 48000, 32000};
    Mp3Header h;
    h.version = version;
    const bool mpeg1 = version == 3;
    h.sampleRate = kFrequencies[frequency] / (mpeg1 ? 1U : version == 2 ? 2U : 4U);
    h.bitrate = 1000 * (mpeg1 ? kRates1 : kRates2)[rateIndex];
    h.channels = ((bits >> 6) & 3U) == 3 ? 1 : 2;
    h.samples = mpeg1 ? 1152 : 576;
    h.bytes = h.samples / 8 * h.bitrate / h.sampleRate + ((bits >> 9) & 1U);
    const bool mono = h.channels == 1;
    h.sideBytes = 4 + (((bits >> 16) & 1U) == 0 ? 2U : 0U) + (mpeg1 ? (mono ? 17U : 32U) : (mono ? 9U : 17U));
    return h;
}

Result<ByteView> BlockReader::at(std::uint64_t offset, std::size_t count)
{
    if (offset < m_start || offset + count > m_start + m_block.size()) {
        m_block.resize(kBlockBytes);
        m_start = offset;
        const auto got = m_source.readAt(offset, m_block);
        m_block.resize(got ? *got : 0);
        if (!got)
            return got.error();
    }
    const auto inside = static_cast<std::size_t>(offset - m_start);
    return ByteView(m_block).subspan(inside, std::min(count, m_block.size() - inside));
}

Result<std::optional<Mp3Index>> Mp3Index::build(ByteSource& source)
{
    BlockReader reader(source);
    const auto start = startOfFrames(reader);
    if (!start)
        return start.error();
    const auto end = endOfFrames(reader, source.size());
    if (!end)
        return end.error();
    for (std::uint64_t begin = *start; begin < *start + kMaxJunk && begin < *end; ++begin) {
        const auto row = frameRow(reader, begin, *end);
        if (!row)
            return row.error();
        if (!*row)
            continue;
        Mp3Index index;
        index.m_header = **headerAt(reader, begin);
        const auto info = index.takeInfoFrame(reader, begin);
        if (!info)
            return info.error();
        const std::uint64_t first = begin + (*info ? index.m_header.bytes : 0);
        const auto constant = index.tryConstant(reader, first, *end);
        if (!constant)
            return constant.error();
        if (!*constant)
            if (Status status = index.scan(reader, first, *end); !status)
                return status.error();
        index.settleLength();
        return std::optional(std::move(index));
    }
    return std::optional<Mp3Index>();
}

/// True if the frame at `offset` carries no sound but the Xing or Info header (or Fraunhofer's VBRI).
Result<bool> Mp3Index::takeInfoFrame(BlockReader& reader, std::uint64_t offset)
{
    const auto bytes = reader.at(offset, m_header.bytes);
    if (!bytes)
        return bytes.error();
    if (bytes->size() >= 40 && textOf(*bytes).substr(36, 4) == "VBRI")
        return true;
    ByteReader in(*bytes);
    // The frame's check sum is not counted: writers of this header ignore it.
    in.take(4U + (m_header.version == 3 ? (m_header.channels == 1 ? 17U : 32U)
                                        : (m_header.channels == 1 ? 9U : 17U)));
    const ByteView magic = in.take(4);
    if (textOf(magic) != "Info" && textOf(magic) != "Xing")
        return false;
    const auto flags = in.be<std::uint32_t>();
    if ((flags & 1U) != 0)
        m_announced = in.be<std::uint32_t>();
    in.take((flags & 2U) != 0 ? 4 : 0);
    in.take((flags & 4U) != 0 ? 100 : 0);
    in.take((flags & 8U) != 0 ? 4 : 0);
    const std::string_view writer = textOf(in.take(9)).substr(0, 4);
    in.take(12); // method, low-pass, gains, flags, bit rate
    const ByteView delays = in.take(3);
    if (!in.failed() && (writer == "LAME" || writer == "Lavf" || writer == "Lavc")) {
        const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(delays[i]); };
        m_skip = ((at(0) << 4) | (at(1) >> 4)) + kDecoderDelay;
        m_padding = ((at(1) & 0xfU) << 8) | at(2);
        m_hasDelay = true;
    }
    return true;
}

/// Frames of one size with no slack: the middle and the last header stand where they must.
Result<bool> Mp3Index::tryConstant(BlockReader& reader, std::uint64_t begin, std::uint64_t end)
{
    const auto first = headerAt(reader, begin);
    if (!first)
        return first.error();
    if (!*first || !(*first)->fits(m_header))
        return false;
    const Mp3Header& h = **first;
    if ((h.samples / 8 * h.bitrate) % h.sampleRate != 0)
        return false;
    const std::uint64_t count = (end - begin) / h.bytes;
    if ((end - begin) % h.bytes != 0 || count == 0 || count > kMaxFrames)
        return false;
    for (const std::uint64_t probe : {count / 2, count - 1}) {
        const auto other = headerAt(reader, begin + probe * h.bytes);
        if (!other)
            return other.error();
        if (!*other || !(*other)->fits(h) || (*other)->bytes != h.bytes)
            return false;
    }
    m_begin = begin;
    m_stride = h.bytes;
    m_count = count;
    return true;
}

Status Mp3Index::scan(BlockReader& reader, std::uint64_t begin, std::uint64_t end)
{
    std::uint64_t at = begin;
    while (at + 4 <= end) {
        const auto header = headerAt(reader, at);
        if (!header)
            return header.error();
        if (!*header || !(*header)->fits(m_header)) {
            ++at; // damage: look for the next frame
            continue;
        }
        const std::uint32_t bytes = (*header)->bytes;
        if (at + bytes > end)
            break;
        if (m_frames.size() >= kMaxFrames)
            return fail(CodecErrc::BadFile, "MP3 with too many frames");
        m_frames.push_back({at, bytes});
        at += bytes;
    }
    m_count = m_frames.size();
    return {};
}

void Mp3Index::settleLength()
{
    const std::uint64_t decoded = m_count * m_header.samples;
    m_skip = std::min(m_skip, decoded);
    m_samples = decoded - m_skip;
    if (!m_hasDelay || m_announced == 0 || m_announced > kMaxFrames)
        return;
    // The decoder's delay is part of the padding; a file cut short has less than was announced.
    const std::uint64_t tail = m_padding > kDecoderDelay ? m_padding - kDecoderDelay : 0;
    const std::uint64_t announced = m_announced * m_header.samples;
    if (announced > m_skip + tail)
        m_samples = std::min(m_samples, announced - m_skip - tail);
}

Mp3Index::Frame Mp3Index::frame(std::uint64_t index) const
{
    if (m_stride != 0)
        return {m_begin + index * m_stride, m_stride};
    return m_frames[static_cast<std::size_t>(index)];
}

} // namespace sr::codec
