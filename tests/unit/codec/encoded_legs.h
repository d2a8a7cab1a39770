// SPDX-License-Identifier: GPL-3.0-or-later
// Legs of a call in codecs that need an encoder: Opus, G.729 with Annex B, G.722.
#pragma once

#include "tests/unit/codec/av_encoder.h"
#include "tests/unit/codec/g722_encoder.h"
#include "tests/unit/codec/recorded_call.h"

extern "C" { // the header forgets it
#include <bcg729/encoder.h>
}

namespace sr::test {

using Samples = std::vector<std::int16_t>;

inline rtp::RtpStream streamOf(std::shared_ptr<StoredPackets> source, std::uint8_t type,
                               rtp::PayloadFormat format, std::uint32_t ssrc)
{
    rtp::RtpStream stream;
    stream.ssrc = ssrc;
    stream.packets = source->packets.size();
    stream.epochs.push_back({{}, {{type, std::move(format)}}, {}});
    stream.source = std::move(source);
    return stream;
}

/// Samples at 48 kHz, payloads of 20 ms.
inline rtp::RtpStream opusLeg(const Samples& sound, std::uint32_t ssrc)
{
    auto source = std::make_shared<StoredPackets>();
    std::uint16_t n = 0;
    for (const Bytes& payload : encodeWithAv({"libopus", 48000, 1, 32000, 960, "voip"}, sound)) {
        source->packets.push_back({(n + 1) * 20000LL, rtpDatagram(96, n, n * 960U, ssrc, payload)});
        ++n;
    }
    return streamOf(std::move(source), 96, {"OPUS", 48000, 2, {}}, ssrc);
}

/// Samples at 16 kHz, payloads of 20 ms.
inline rtp::RtpStream g722Leg(const Samples& sound, std::uint32_t ssrc)
{
    auto source = std::make_shared<StoredPackets>();
    G722Encoder encoder;
    std::uint16_t n = 0;
    for (std::size_t at = 0; at + 320 <= sound.size(); at += 320, ++n) {
        const auto from = sound.begin() + static_cast<std::ptrdiff_t>(at);
        source->packets.push_back(
            {(n + 1) * 20000LL, rtpDatagram(9, n, n * 160U, ssrc, encoder.encode({from, from + 320}))});
    }
    return streamOf(std::move(source), 9, {"G722", 8000, 1, {}}, ssrc);
}

/// Samples at 8 kHz, one frame of 10 ms a packet; pauses are silence descriptors and nothing (Annex B).
inline rtp::RtpStream g729Leg(const Samples& sound, std::uint32_t ssrc, std::size_t* descriptors)
{
    auto source = std::make_shared<StoredPackets>();
    bcg729EncoderChannelContextStruct* encoder = initBcg729EncoderChannel(1);
    std::uint16_t number = 0;
    for (std::size_t at = 0; at + 80 <= sound.size(); at += 80) {
        Samples frame(sound.begin() + static_cast<std::ptrdiff_t>(at),
                      sound.begin() + static_cast<std::ptrdiff_t>(at + 80));
        std::uint8_t bits[10]{};
        std::uint8_t length = 0;
        bcg729Encoder(encoder, frame.data(), bits, &length);
        if (length == 0)
            continue; // not transmitted
        *descriptors += length == 2 ? 1 : 0;
        source->packets.push_back(
            {static_cast<std::int64_t>(at + 80) * 125,
             rtpDatagram(18, number++, static_cast<std::uint32_t>(at), ssrc,
                         std::as_bytes(std::span(bits, static_cast<std::size_t>(length))))});
    }
    closeBcg729EncoderChannel(encoder);
    return streamOf(std::move(source), 18, {"G729", 8000, 1, {}}, ssrc);
}

/// Samples at 8 kHz as G.711.
inline rtp::RtpStream g711Leg(const Samples& sound, codec::Law law, std::uint32_t ssrc)
{
    auto source = std::make_shared<StoredPackets>();
    const std::uint8_t type = law == codec::Law::A ? 8 : 0;
    std::uint16_t n = 0;
    for (std::size_t at = 0; at + 160 <= sound.size(); at += 160, ++n) {
        Bytes octets(160);
        for (std::size_t i = 0; i < 160; ++i)
            octets[i] = codec::encodeG711(law, sound[at + i]);
        source->packets.push_back({(n + 1) * 20000LL, rtpDatagram(type, n, n * 160U, ssrc, octets)});
    }
    return streamOf(std::move(source), type, {law == codec::Law::A ? "PCMA" : "PCMU", 8000, 1, {}}, ssrc);
}

} // namespace sr::test
