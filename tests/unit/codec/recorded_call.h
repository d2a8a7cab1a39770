// SPDX-License-Identifier: GPL-3.0-or-later
// Builds calls for the sound tests: RTP datagrams in memory, from simulated senders with known payload.
#pragma once

#include "core/codec/call_audio.h"
#include "core/codec/g711.h"
#include "tests/unit/rtp/simulated_sender.h"

#include <cmath>
#include <cstring>
#include <functional>

namespace sr::test {

inline Bytes rtpDatagram(std::uint8_t type, std::uint16_t sequence, std::uint32_t timestamp,
                         std::uint32_t ssrc, ByteView payload)
{
    Bytes datagram(12 + payload.size());
    datagram[0] = std::byte{0x80};
    datagram[1] = static_cast<std::byte>(type);
    storeBe(datagram.data() + 2, sequence);
    storeBe(datagram.data() + 4, timestamp);
    storeBe(datagram.data() + 8, ssrc);
    std::copy(payload.begin(), payload.end(), datagram.begin() + 12);
    return datagram;
}

class StoredPackets final : public rtp::PacketSource {
public:
    struct Packet {
        std::int64_t captured; // [us]
        Bytes datagram;
    };
    std::vector<Packet> packets;

    Status visit(const Visitor& visitor) const override
    {
        for (const Packet& packet : packets)
            visitor(UtcTime(microseconds(packet.captured)), packet.datagram);
        return {};
    }
};

/// Payload of one packet of a sender.
using Voice = std::function<Bytes(const SentPacket&)>;

inline rtp::RtpStream makeStream(const std::vector<SentPacket>& captured, std::uint8_t type,
                                 std::uint32_t ssrc, const Voice& voice, rtp::PayloadMap formats = {})
{
    auto source = std::make_shared<StoredPackets>();
    for (const SentPacket& one : captured)
        source->packets.push_back(
            {one.captured, rtpDatagram(type, one.sequence, one.timestamp, ssrc, voice(one))});
    rtp::RtpStream stream;
    stream.ssrc = ssrc;
    stream.packets = captured.size();
    if (!formats.empty()) {
        rtp::MediaEpoch epoch;
        epoch.formats = std::move(formats);
        stream.epochs.push_back(epoch);
    }
    stream.source = source;
    return stream;
}

/// Octets that differ from packet to packet and from sample to sample.
inline Bytes randomOctets(const SentPacket& packet)
{
    std::mt19937 random(packet.sequence * 65537U + packet.timestamp);
    Bytes octets(packet.samples);
    for (std::byte& octet : octets)
        octet = static_cast<std::byte>(random());
    return octets;
}

/// 20 ms of tone at every full second of true time, silence between.
inline std::int16_t burstAt(std::int64_t us, int amplitude = 12000)
{
    const std::int64_t within = ((us % 1000000) + 1000000) % 1000000;
    if (within >= 20000)
        return 0;
    return static_cast<std::int16_t>(amplitude *
                                     std::sin(6.283185307 * 1000.0 * static_cast<double>(within) * 1e-6));
}

inline Bytes burstsG711(const SimulatedSender& sender, codec::Law law, const SentPacket& packet)
{
    Bytes octets(packet.samples);
    for (std::size_t i = 0; i < octets.size(); ++i)
        octets[i] = codec::encodeG711(law, burstAt(sender.timeOf(packet.sample + i)));
    return octets;
}

/// Frames where a burst begins in one channel of interleaved stereo.
inline std::vector<std::int64_t> burstsIn(const std::vector<std::int16_t>& stereo, std::size_t channel,
                                          int threshold = 3000)
{
    std::vector<std::int64_t> found;
    std::int64_t quiet = 1000;
    for (std::size_t i = channel; i < stereo.size(); i += 2) {
        if (std::abs(int{stereo[i]}) > threshold) {
            if (quiet >= 800)
                found.push_back(static_cast<std::int64_t>(i / 2));
            quiet = 0;
        } else {
            ++quiet;
        }
    }
    return found;
}

inline std::vector<std::int16_t> readAllPcm(codec::CallAudio& audio, std::size_t piece = 1777)
{
    std::vector<std::int16_t> all;
    std::vector<std::int16_t> some(2 * piece);
    for (;;) {
        const auto got = audio.readPcm(some);
        if (!got || *got == 0)
            return all;
        all.insert(all.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(2 * *got));
    }
}

inline Bytes readAllCoded(codec::CallAudio& audio, std::size_t piece = 1777)
{
    Bytes all;
    Bytes some(audio.info().format.frameBytes() * piece);
    for (;;) {
        const auto got = audio.readCoded(some);
        if (!got || *got == 0)
            return all;
        all.insert(all.end(), some.begin(),
                   some.begin() + static_cast<std::ptrdiff_t>(*got * audio.info().format.frameBytes()));
    }
}

inline Bytes channelOf(const Bytes& stereo, std::size_t channel)
{
    Bytes mono;
    for (std::size_t i = channel; i < stereo.size(); i += 2)
        mono.push_back(stereo[i]);
    return mono;
}

} // namespace sr::test
