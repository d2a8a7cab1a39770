// SPDX-License-Identifier: GPL-3.0-or-later
// WAV of the archive: position is arithmetic, G.711 by table.
#include "core/codec/audio_readers.h"
#include "core/codec/g711.h"

#include <algorithm>

namespace sr::codec {
namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;

class WavReader final : public AudioReader {
public:
    WavReader(std::unique_ptr<ByteSource> source, const WavInfo& info)
        : m_source(std::move(source))
        , m_info(info)
    {}
    std::uint32_t sampleRate() const override { return m_info.format.sampleRate; }
    std::uint8_t channels() const override { return m_info.format.channels; }
    std::uint64_t frames() const override { return m_info.frames; }
    Status seek(std::uint64_t frame) override
    {
        m_at = std::min(frame, m_info.frames);
        return {};
    }

    Result<std::size_t> read(std::span<std::int16_t> interleaved) override
    {
        const std::size_t frameBytes = m_info.format.frameBytes();
        const std::uint64_t wanted =
            std::min({std::uint64_t{interleaved.size() / channels()}, m_info.frames - m_at,
                      std::uint64_t{kBlockBytes / frameBytes}});
        m_block.resize(static_cast<std::size_t>(wanted) * frameBytes);
        const auto got = m_source->readAt(m_info.dataOffset + m_at * frameBytes, m_block);
        if (!got)
            return got.error();
        const std::size_t count = *got / frameBytes;
        const std::size_t samples = count * channels();
        const ByteView bytes = ByteView(m_block).first(count * frameBytes);
        if (m_info.format.coding == SampleCoding::Pcm16) {
            for (std::size_t i = 0; i < samples; ++i)
                interleaved[i] = static_cast<std::int16_t>(loadLe<std::uint16_t>(bytes.data() + 2 * i));
        } else {
            decodeG711(m_info.format.coding == SampleCoding::ALaw ? Law::A : Law::U, bytes,
                       interleaved.first(samples));
        }
        m_at += count;
        return count;
    }

private:
    std::unique_ptr<ByteSource> m_source;
    WavInfo m_info;
    std::uint64_t m_at = 0; // frame
    Bytes m_block;
};

} // namespace

std::unique_ptr<AudioReader> openWavReader(std::unique_ptr<ByteSource> source, const WavInfo& info)
{
    return std::make_unique<WavReader>(std::move(source), info);
}

} // namespace sr::codec
