// SPDX-License-Identifier: GPL-3.0-or-later
// MP3 with exact positions: any frame is decoded after so many frames before it as its bit reservoir and its
// overlap can reach, so a seek and a linear run give the same samples.
#include "core/codec/audio_readers.h"
#include "core/codec/ffmpeg_decoder.h"
#include "core/codec/ffmpeg_handles.h"
#include "core/codec/ffmpeg_samples.h"
#include "core/codec/mp3_index.h"

#include <algorithm>

namespace sr::codec {
namespace {

constexpr std::uint32_t kReservoirBytes =
    511;                                     // farthest back that main data may begin (ISO 11172-3 §2.4.1.7)
constexpr int kSettleFrames = 3;             // overlap and filter bank remember one each, and one spare
constexpr std::uint64_t kForwardFrames = 64; // a jump this short is decoded through

class Mp3Reader final : public AudioReader {
public:
    Mp3Reader(std::unique_ptr<ByteSource> source, Mp3Index index)
        : m_source(std::move(source))
        , m_blocks(*m_source)
        , m_index(std::move(index))
        , m_packet(av_packet_alloc())
        , m_frame(av_frame_alloc())
    {}

    /// Also the way back to a decoder without memory.
    Status reopen()
    {
        const AVCodec* codec =
            avcodec_find_decoder_by_name("mp3float"); // the integer one carries rounding on
        if (codec == nullptr)
            return fail(CodecErrc::Unsupported, "FFmpeg without MP3");
        m_context.reset(avcodec_alloc_context3(codec));
        if (!m_context || !m_packet || !m_frame)
            return fail(CodecErrc::Library, "memory for a decoder");
        m_context->thread_count = 1;
        if (avcodec_open2(m_context.get(), codec, nullptr) < 0)
            return fail(CodecErrc::Library, "open MP3 decoder");
        return {};
    }

    std::uint32_t sampleRate() const override { return m_index.header().sampleRate; }
    std::uint8_t channels() const override { return m_index.header().channels; }
    std::uint64_t frames() const override { return m_index.samples(); }

    Status seek(std::uint64_t frame) override
    {
        m_at = std::min(frame, frames());
        return {};
    }

    Result<std::size_t> read(std::span<std::int16_t> interleaved) override
    {
        const std::size_t channelCount = channels();
        const std::uint64_t wanted =
            std::min<std::uint64_t>(interleaved.size() / channelCount, frames() - m_at);
        std::uint64_t done = 0;
        while (done < wanted) {
            const std::uint64_t raw = m_at + m_index.skip();
            const std::uint32_t perFrame = m_index.header().samples;
            if (Status status = bring(raw / perFrame); !status)
                return status.error();
            const std::uint64_t inside = raw % perFrame;
            const std::uint64_t part = std::min(wanted - done, perFrame - inside);
            std::copy_n(m_pcm.begin() + static_cast<std::ptrdiff_t>(inside * channelCount),
                        part * channelCount,
                        interleaved.begin() + static_cast<std::ptrdiff_t>(done * channelCount));
            done += part;
            m_at += part;
        }
        return static_cast<std::size_t>(done);
    }

private:
    /// Decodes MP3 frame `index` into m_pcm, unless it is there.
    Status bring(std::uint64_t index)
    {
        if (m_next > 0 && index == m_next - 1)
            return {};
        if (index < m_next || index > m_next + kForwardFrames) {
            if (Status status = reopen(); !status)
                return status;
            m_next = settleStart(index);
        } else if (!m_context) {
            if (Status status = reopen(); !status)
                return status;
        }
        while (m_next <= index)
            if (Status status = decodeNext(); !status)
                return status;
        return {};
    }

    /// Where to begin so that frame `index` comes out as in a linear run.
    std::uint64_t settleStart(std::uint64_t index) const
    {
        std::uint64_t reach = 0;
        int settle = kSettleFrames;
        while (index > 0 && (settle > 0 || reach < kReservoirBytes)) {
            --index;
            if (--settle < 0) {
                const std::uint32_t bytes = m_index.frame(index).bytes;
                reach += bytes - std::min(bytes, m_index.header().sideBytes);
                reach += 1; // frames without main data must not hold us for ever
            }
        }
        return index;
    }

    Status decodeNext()
    {
        const Mp3Index::Frame place = m_index.frame(m_next++);
        m_pcm.assign(std::size_t{m_index.header().samples} * channels(), 0); // damage is silence
        const auto bytes = m_blocks.at(place.offset, place.bytes);
        if (!bytes)
            return bytes.error();
        m_padded.assign(bytes->begin(), bytes->end());
        m_padded.resize(bytes->size() + AV_INPUT_BUFFER_PADDING_SIZE);
        m_packet->data = reinterpret_cast<std::uint8_t*>(m_padded.data());
        m_packet->size = static_cast<int>(bytes->size());
        if (bytes->empty() || avcodec_send_packet(m_context.get(), m_packet.get()) < 0)
            return {};
        if (avcodec_receive_frame(m_context.get(), m_frame.get()) < 0 || !readableFormat(m_frame->format))
            return {};
        const int given = m_frame->ch_layout.nb_channels;
        const auto count = std::min<std::size_t>(m_index.header().samples,
                                                 static_cast<std::size_t>(std::max(m_frame->nb_samples, 0)));
        for (std::size_t i = 0; given > 0 && i < count; ++i)
            for (int c = 0; c < channels(); ++c)
                m_pcm[i * channels() + static_cast<std::size_t>(c)] =
                    frameSample(*m_frame, given, std::min(c, given - 1), i);
        return {};
    }

    std::unique_ptr<ByteSource> m_source;
    BlockReader m_blocks;
    Mp3Index m_index;
    CodecContextPtr m_context;
    PacketPtr m_packet;
    FramePtr m_frame;
    Bytes m_padded;
    std::vector<std::int16_t> m_pcm; // of MP3 frame m_next - 1
    std::uint64_t m_next = 0;        // MP3 frame to decode next
    std::uint64_t m_at = 0;          // frame of sound to deliver next
};

} // namespace

Result<std::unique_ptr<AudioReader>> openMp3Reader(std::unique_ptr<ByteSource>& source)
{
    auto index = Mp3Index::build(*source);
    if (!index)
        return index.error();
    if (!*index)
        return std::unique_ptr<AudioReader>();
    silenceFfmpeg();
    auto reader = std::make_unique<Mp3Reader>(std::move(source), std::move(**index));
    if (Status status = reader->reopen(); !status)
        return status.error();
    return std::unique_ptr<AudioReader>(std::move(reader));
}

} // namespace sr::codec
