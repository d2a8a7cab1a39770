// SPDX-License-Identifier: GPL-3.0-or-later
// Chooses the decoder of a payload format; G.711 and L16 are decoded here, the others in framed_decoder.cpp
// and opus_decoder.cpp.
#include "core/codec/payload_decoder.h"

#include "core/codec/decimator.h"
#include "core/codec/g711.h"
#include "core/codec/payload_decoders.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace sr::codec {
namespace {

class G711Decoder final : public PayloadDecoder {
public:
    G711Decoder(Law law, std::uint32_t sampleRate)
        : m_law(law)
        , m_sampleRate(sampleRate)
    {}
    std::uint32_t sampleRate() const override { return m_sampleRate; }
    Status decode(ByteView payload, std::vector<std::int16_t>& samples) override
    {
        const std::size_t before = samples.size();
        samples.resize(before + payload.size());
        decodeG711(m_law, payload, std::span(samples).subspan(before));
        return {};
    }
    std::uint32_t durationOf(ByteView payload) const override
    {
        return static_cast<std::uint32_t>(payload.size());
    }

private:
    Law m_law;
    std::uint32_t m_sampleRate;
};

/// L16 (RFC 3551 §4.5.11): network byte order, channels mixed to one, rates above 16 kHz brought down to it.
class L16Decoder final : public PayloadDecoder {
public:
    L16Decoder(std::uint32_t clockRate, std::uint8_t channels)
        : m_clockRate(clockRate)
        , m_frameBytes(std::size_t{2} * channels)
    {
        if (clockRate > kWideband)
            m_decimator.emplace(clockRate, kWideband);
    }
    std::uint32_t sampleRate() const override { return std::min(m_clockRate, kWideband); }
    Status decode(ByteView payload, std::vector<std::int16_t>& samples) override
    {
        if (payload.size() % m_frameBytes != 0)
            return fail(CodecErrc::BadPayload, "L16 of " + std::to_string(payload.size()) + " octets");
        m_mono.clear();
        for (std::size_t at = 0; at < payload.size(); at += m_frameBytes) {
            int sum = 0;
            for (std::size_t i = 0; i < m_frameBytes; i += 2)
                sum += static_cast<std::int16_t>(loadBe<std::uint16_t>(payload.data() + at + i));
            m_mono.push_back(static_cast<std::int16_t>(sum / static_cast<int>(m_frameBytes / 2)));
        }
        if (m_decimator)
            m_decimator->process(m_mono, samples);
        else
            samples.insert(samples.end(), m_mono.begin(), m_mono.end());
        return {};
    }
    std::uint32_t durationOf(ByteView payload) const override
    {
        const std::uint64_t frames = payload.size() / m_frameBytes;
        return static_cast<std::uint32_t>(frames * sampleRate() / m_clockRate);
    }

private:
    std::uint32_t m_clockRate;
    std::size_t m_frameBytes;
    std::optional<Decimator> m_decimator;
    std::vector<std::int16_t> m_mono;
};

} // namespace

Result<std::unique_ptr<PayloadDecoder>> PayloadDecoder::open(const rtp::PayloadFormat& format)
{
    std::string encoding = format.encoding;
    std::ranges::transform(encoding, encoding.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    const std::uint32_t rate = format.clockRate;
    const auto unsupported = [&] {
        return fail(CodecErrc::Unsupported, encoding.substr(0, 64) + "/" + std::to_string(rate) + "/" +
                                                std::to_string(format.channels));
    };
    if (encoding == "OPUS")
        return openOpus();
    if (encoding == "L16") {
        const bool known = rate == 8000 || rate == 16000 || rate == 32000 || rate == 44100 || rate == 48000;
        if (!known || format.channels == 0 || format.channels > 2)
            return unsupported();
        return std::unique_ptr<PayloadDecoder>(std::make_unique<L16Decoder>(rate, format.channels));
    }
    if (format.channels > 1)
        return unsupported();
    if (encoding == "PCMA" || encoding == "PCMU") {
        if (rate != 8000 && rate != 16000)
            return unsupported();
        return std::unique_ptr<PayloadDecoder>(
            std::make_unique<G711Decoder>(encoding == "PCMA" ? Law::A : Law::U, rate));
    }
    // G.722 is written 8000 (RFC 3551 §4.5.2), by some phones 16000.
    if (rate != 8000 && !(encoding == "G722" && rate == 16000))
        return unsupported();
    return openFramed(encoding, format.fmtp);
}

} // namespace sr::codec
