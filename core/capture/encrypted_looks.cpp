// SPDX-License-Identifier: GPL-3.0-or-later
// Length against RTP time, then statistics.
#include "core/capture/encrypted_looks.h"

#include "core/rtp/packet.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string_view>

namespace sr::capture {
namespace {

constexpr std::size_t kLeastTrailer = 4;       // AES_CM_128_HMAC_SHA1_32
constexpr std::size_t kMostTrailer = 16 + 128; // AEAD tag and the longest MKI
constexpr std::size_t kEnough = 10;            // packets

/// Octets of sound for so many ticks; nothing for formats whose packets vary.
std::optional<std::size_t> octetsOf(std::string_view encoding, std::size_t ticks)
{
    if (encoding == "PCMA" || encoding == "PCMU" || encoding == "G722")
        return ticks;
    return encoding == "G729" ? std::optional(ticks / 8) : std::nullopt;
}

/// Pearson's test of 256 equally frequent values: 255 is even, sounds have thousands.
bool evenlySpread(const std::array<std::uint32_t, 256>& counts)
{
    std::uint64_t sum = 0;
    for (const std::uint32_t count : counts)
        sum += count;
    if (sum < 1000)
        return false;
    const double expected = static_cast<double>(sum) / 256;
    double chi = 0;
    for (const std::uint32_t count : counts)
        chi += (count - expected) * (count - expected) / expected;
    return chi < 400; // six standard deviations
}

/// What packets of a fixed rate tell.
class Lengths {
public:
    void add(std::string_view encoding, ByteView payload, std::uint32_t ticks)
    {
        const auto octets = octetsOf(encoding, ticks);
        if (!octets)
            return;
        ++m_packets;
        if (payload.size() >= *octets + kLeastTrailer && payload.size() <= *octets + kMostTrailer)
            ++m_longer[payload.size() - *octets];
        m_even = m_even && encoding != "G729";
        for (const std::byte octet : payload)
            ++m_counts[std::to_integer<std::size_t>(octet)];
    }
    bool encrypted() const
    {
        std::size_t most = 0;
        for (const auto& [trailer, packets] : m_longer)
            most = std::max(most, packets);
        return m_packets >= kEnough && most * 10 >= m_packets * 9 && (!m_even || evenlySpread(m_counts));
    }

private:
    std::size_t m_packets = 0;
    std::map<std::size_t, std::size_t> m_longer; ///< packets by octets too many
    std::array<std::uint32_t, 256> m_counts{};
    bool m_even = true; ///< clear sound of this format is spread unevenly, so that ciphertext can be told
};

} // namespace

bool mayBeEncrypted(const CollectedStream& stream)
{
    return std::any_of(stream.samples.begin(), stream.samples.end(), [](const PayloadSample& one) {
        if (one.packets < kEnough)
            return false;
        const auto format = rtp::staticFormat(one.payloadType);
        const std::size_t ticks = (one.lastTimestamp - one.firstTimestamp) / (one.packets - 1U);
        const auto octets = octetsOf(format ? format->encoding : "", ticks);
        return !octets || one.maxOctets >= rtp::kFixedHeaderBytes + *octets + kLeastTrailer;
    });
}

bool looksEncrypted(const std::vector<Bytes>& packets, const rtp::PayloadMap& formats)
{
    Lengths lengths;
    std::set<std::byte> first;
    std::size_t opus = 0;
    std::optional<rtp::PacketView> before;
    for (const Bytes& datagram : packets) {
        const auto packet = rtp::parsePacket(datagram);
        if (!packet)
            continue;
        const auto format = formats.find(packet->payloadType);
        if (format != formats.end() && format->second.encoding == "OPUS" && !packet->payload.empty()) {
            ++opus;
            first.insert(packet->payload.front());
        }
        if (format != formats.end() && before && before->payloadType == packet->payloadType &&
            static_cast<std::uint16_t>(before->sequenceNumber + 1) == packet->sequenceNumber)
            lengths.add(format->second.encoding, before->payload, packet->timestamp - before->timestamp);
        before = *packet;
    }
    return lengths.encrypted() || (opus >= 2 * kEnough && first.size() * 4 >= opus * 3);
}

} // namespace sr::capture
