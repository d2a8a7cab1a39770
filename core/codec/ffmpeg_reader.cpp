// SPDX-License-Identifier: GPL-3.0-or-later
// Sound of any container FFmpeg knows, for the media player: linear decoding is the truth, and seeking takes
// a short cut only where time stamps count samples.
#include "core/codec/audio_readers.h"
#include "core/codec/ffmpeg_handles.h"
#include "core/codec/ffmpeg_samples.h"
#include "core/codec/ffmpeg_source.h"

#include <algorithm>

namespace sr::codec {
namespace {

constexpr std::uint64_t kFarSeconds = 30;   // a jump farther than this is worth the short cut
constexpr std::uint64_t kSettleSeconds = 1; // decoded before the target, so that the codec has settled
constexpr int kMaxRate = 384000;            // [Hz]

class FfmpegReader final : public AudioReader {
public:
    explicit FfmpegReader(std::unique_ptr<ByteSource> source)
        : m_source(std::move(source))
        , m_packet(av_packet_alloc())
        , m_frame(av_frame_alloc())
    {}

    Status open();

    std::uint32_t sampleRate() const override { return m_rate; }
    std::uint8_t channels() const override { return m_channels; }
    std::uint64_t frames() const override { return m_frames; }
    Status seek(std::uint64_t frame) override;
    Result<std::size_t> read(std::span<std::int16_t> interleaved) override;

private:
    AVStream& stream() { return *m_input->format()->streams[m_stream]; }
    std::uint64_t lengthInFrames();
    enum class Jump : std::uint8_t { Refused, Lost, Done };
    Jump shortCut(std::uint64_t frame);
    Status decodeMore();
    void takeFrame();

    std::unique_ptr<ByteSource> m_source;
    std::unique_ptr<FfmpegSource> m_input;
    CodecContextPtr m_context;
    PacketPtr m_packet;
    FramePtr m_frame;
    unsigned m_stream = 0;
    std::uint32_t m_rate = 0;
    std::uint8_t m_channels = 0;
    std::uint64_t m_frames = 0;
    std::vector<std::int16_t> m_pcm; // decoded, not delivered; begins at frame m_at
    std::size_t m_pcmAt = 0;         // sample in m_pcm
    std::uint64_t m_at = 0;          // frame of m_pcm[m_pcmAt]
    std::uint64_t m_wanted = 0;      // frame to deliver next
    bool m_ended = false;
    bool m_placing = false; // after a short cut: the next frame's time stamp says where we are
};

/// From the beginning, at the first time and whenever the way back is needed.
Status FfmpegReader::open()
{
    m_context.reset();
    m_input.reset();
    auto input = FfmpegSource::open(*m_source);
    if (!input)
        return input.error();
    m_input = std::move(input).value();
    const AVCodec* codec = nullptr;
    const int best = av_find_best_stream(m_input->format(), AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
    if (best < 0 || codec == nullptr)
        return fail(CodecErrc::BadFile, "no sound in the file");
    m_stream = static_cast<unsigned>(best);
    for (unsigned i = 0; i < m_input->format()->nb_streams; ++i)
        if (i != m_stream)
            m_input->format()->streams[i]->discard = AVDISCARD_ALL;
    m_context.reset(avcodec_alloc_context3(codec));
    if (!m_context || !m_packet || !m_frame ||
        avcodec_parameters_to_context(m_context.get(), stream().codecpar) < 0)
        return fail(CodecErrc::Library, "memory for a decoder");
    m_context->thread_count = 1;
    m_context->pkt_timebase = stream().time_base;
    if (avcodec_open2(m_context.get(), codec, nullptr) < 0)
        return fail(CodecErrc::BadFile, "sound cannot be decoded");
    const int rate = m_context->sample_rate;
    const int given = m_context->ch_layout.nb_channels;
    if (rate <= 0 || rate > kMaxRate || given <= 0)
        return fail(CodecErrc::BadFile, "sound without a rate or channels");
    m_rate = static_cast<std::uint32_t>(rate);
    m_channels = given == 1 ? 1 : 2;
    m_frames = lengthInFrames();
    m_pcm.clear();
    m_pcmAt = 0;
    m_at = 0;
    m_ended = false;
    m_placing = false;
    return {};
}

std::uint64_t FfmpegReader::lengthInFrames()
{
    const AVRational perFrame{1, static_cast<int>(m_rate)};
    std::int64_t length = 0;
    if (stream().duration > 0)
        length = av_rescale_q(stream().duration, stream().time_base, perFrame);
    else if (m_input->format()->duration > 0)
        length = av_rescale_q(m_input->format()->duration, AVRational{1, AV_TIME_BASE}, perFrame);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(length, 0));
}

Status FfmpegReader::seek(std::uint64_t frame)
{
    m_wanted = frame;
    const bool back = frame < m_at;
    // Short ways are decoded through: exact with every codec, where a jump leaves the noise that some lossy
    // ones make up (AAC) in another state.
    const bool far = (back ? frame : frame - m_at) > kFarSeconds * m_rate;
    if (!far)
        return back ? open() : Status();
    const Jump jump = shortCut(frame);
    if (jump == Jump::Lost || (jump == Jump::Refused && back))
        return open();
    return {};
}

/// Jumps by the container's own index. Only where one tick is one sample, else the place would be a guess.
FfmpegReader::Jump FfmpegReader::shortCut(std::uint64_t frame)
{
    const AVRational base = stream().time_base;
    if (base.num != 1 || base.den != static_cast<int>(m_rate) || frame < kSettleSeconds * m_rate)
        return Jump::Refused;
    const std::int64_t start = stream().start_time == AV_NOPTS_VALUE ? 0 : stream().start_time;
    const auto target =
        static_cast<std::int64_t>(std::min<std::uint64_t>(frame - kSettleSeconds * m_rate, m_frames));
    if (av_seek_frame(m_input->format(), static_cast<int>(m_stream), start + target, AVSEEK_FLAG_BACKWARD) <
        0)
        return Jump::Lost;
    avcodec_flush_buffers(m_context.get());
    m_pcm.clear();
    m_pcmAt = 0;
    m_ended = false;
    m_placing = true;
    if (Status status = decodeMore(); !status || m_placing || m_at > frame)
        return Jump::Lost;
    return Jump::Done;
}

/// One packet further. Damaged packets are passed over, as any player does.
Status FfmpegReader::decodeMore()
{
    while (!m_ended) {
        const int got = avcodec_receive_frame(m_context.get(), m_frame.get());
        if (got >= 0) {
            takeFrame();
            return {};
        }
        if (got != AVERROR(EAGAIN)) {
            m_ended = true;
            break;
        }
        int status = 0;
        do {
            av_packet_unref(m_packet.get());
            status = av_read_frame(m_input->format(), m_packet.get());
        } while (status >= 0 && m_packet->stream_index != static_cast<int>(m_stream));
        if (status == AVERROR(EIO))
            return fail(BaseErrc::Io, "read sound");
        // A packet the decoder refuses changes nothing; at the end an empty one drains it.
        avcodec_send_packet(m_context.get(), status < 0 ? nullptr : m_packet.get());
        av_packet_unref(m_packet.get());
    }
    return {};
}

void FfmpegReader::takeFrame()
{
    const int given = m_frame->ch_layout.nb_channels;
    if (given <= 0 || m_frame->nb_samples <= 0 || !readableFormat(m_frame->format))
        return;
    if (m_placing && m_frame->best_effort_timestamp != AV_NOPTS_VALUE) {
        const std::int64_t start = stream().start_time == AV_NOPTS_VALUE ? 0 : stream().start_time;
        m_at = static_cast<std::uint64_t>(std::max<std::int64_t>(m_frame->best_effort_timestamp - start, 0));
        m_placing = false;
    }
    m_pcm.clear();
    m_pcmAt = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(m_frame->nb_samples); ++i) {
        if (given <= 2) {
            for (int c = 0; c < m_channels; ++c)
                m_pcm.push_back(frameSample(*m_frame, given, std::min(c, given - 1), i));
            continue;
        }
        int sum = 0; // more than stereo: everything on both sides
        for (int c = 0; c < given; ++c)
            sum += frameSample(*m_frame, given, c, i);
        m_pcm.insert(m_pcm.end(), m_channels, static_cast<std::int16_t>(sum / given));
    }
}

Result<std::size_t> FfmpegReader::read(std::span<std::int16_t> interleaved)
{
    const std::size_t wanted = interleaved.size() / m_channels;
    std::size_t done = 0;
    while (done < wanted) {
        const std::size_t ready = (m_pcm.size() - m_pcmAt) / m_channels;
        if (ready == 0) {
            if (m_ended)
                break;
            if (Status status = decodeMore(); !status)
                return status.error();
            continue;
        }
        const std::uint64_t before = m_wanted > m_at ? std::min<std::uint64_t>(m_wanted - m_at, ready) : 0;
        const std::size_t part =
            before > 0 ? static_cast<std::size_t>(before) : std::min(ready, wanted - done);
        if (before == 0) {
            std::copy_n(m_pcm.begin() + static_cast<std::ptrdiff_t>(m_pcmAt), part * m_channels,
                        interleaved.begin() + static_cast<std::ptrdiff_t>(done * m_channels));
            done += part;
            m_wanted = m_at + part;
        }
        m_pcmAt += part * m_channels;
        m_at += part;
    }
    return done;
}

} // namespace

Result<std::unique_ptr<AudioReader>> openFfmpegReader(std::unique_ptr<ByteSource> source)
{
    auto reader = std::make_unique<FfmpegReader>(std::move(source));
    if (Status status = reader->open(); !status)
        return status.error();
    return std::unique_ptr<AudioReader>(std::move(reader));
}

} // namespace sr::codec
