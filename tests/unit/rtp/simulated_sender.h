// SPDX-License-Identifier: GPL-3.0-or-later
// A telephone that sends on its own clock over a bad network, so that tests know when each sample was spoken.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

namespace sr::test {

/// One packet on its way; `spoken` is the true time of its first sample.
struct SentPacket {
    std::int64_t spoken = 0;   ///< [us] true time
    std::int64_t captured = 0; ///< [us] capture time
    std::uint64_t sample = 0;  ///< of the sender, counted from its start, pauses included
    std::uint32_t samples = 0;
    std::uint32_t timestamp = 0;
    std::uint16_t sequence = 0;
};

/// Settings are plain; change them between calls of talk(). Deterministic by `seed`.
class SimulatedSender {
public:
    explicit SimulatedSender(std::uint32_t seed = 1)
        : m_random(seed)
    {}

    std::int64_t start = 0;            ///< [us] true time of sample 0
    double skewPpm = 0;                ///< positive: its clock runs fast
    std::uint32_t rate = 8000;         ///< [Hz] samples and time stamps
    std::uint32_t packetSamples = 160; ///< 20 ms
    std::int64_t delay = 5000;         ///< [us] of the network at least
    std::int64_t jitter = 0;           ///< [us] more, evenly spread
    std::int64_t captureOffset = 0;    ///< [us] the capture's clock differs by this
    double loss = 0;                   ///< share of packets
    bool ordered = false;              ///< the network keeps the order whatever the jitter
    std::uint16_t sequence = 100;
    std::uint32_t timestamp = 1000;

    /// True time of a sample. [us]
    std::int64_t timeOf(std::uint64_t sample) const
    {
        return start +
               static_cast<std::int64_t>(static_cast<double>(sample) * 1e6 / rate / (1.0 + skewPpm * 1e-6));
    }
    std::int64_t now() const { return timeOf(m_sample); }

    void talk(double seconds)
    {
        const auto count = static_cast<std::uint64_t>(seconds * rate / packetSamples + 0.5);
        for (std::uint64_t i = 0; i < count; ++i)
            sendOne();
    }
    /// Says nothing and sends nothing; RTP time goes on or stands still meanwhile.
    void pause(double seconds, bool timestampAdvances = true)
    {
        const auto samples = static_cast<std::uint64_t>(seconds * rate + 0.5);
        m_sample += samples;
        if (timestampAdvances)
            timestamp += static_cast<std::uint32_t>(samples);
    }
    /// Talks, but nothing arrives.
    void outage(double seconds)
    {
        const double before = loss;
        loss = 1;
        talk(seconds);
        loss = before;
    }
    void sendOne()
    {
        SentPacket packet;
        packet.spoken = timeOf(m_sample);
        packet.sample = m_sample;
        packet.samples = packetSamples;
        packet.timestamp = timestamp;
        packet.sequence = sequence;
        // A packet leaves when its last sample is spoken.
        std::int64_t arrival = timeOf(m_sample + packetSamples) + delay;
        if (jitter > 0)
            arrival += std::uniform_int_distribution<std::int64_t>(0, jitter)(m_random);
        if (ordered)
            arrival = std::max(arrival, m_lastArrival + 50);
        m_lastArrival = std::max(m_lastArrival, arrival);
        packet.captured = arrival + captureOffset;
        m_sample += packetSamples;
        timestamp += packetSamples;
        ++sequence;
        if (loss <= 0 || std::uniform_real_distribution<double>(0, 1)(m_random) >= loss)
            m_sent.push_back(packet);
        else
            ++m_lost;
    }

    /// In order of capture.
    std::vector<SentPacket> packets() const
    {
        std::vector<SentPacket> sorted = m_sent;
        std::stable_sort(sorted.begin(), sorted.end(),
                         [](const SentPacket& a, const SentPacket& b) { return a.captured < b.captured; });
        return sorted;
    }
    std::vector<SentPacket>& sent() { return m_sent; } ///< in order of sending
    std::uint64_t lost() const { return m_lost; }

private:
    std::mt19937 m_random;
    std::uint64_t m_sample = 0;
    std::uint64_t m_lost = 0;
    std::int64_t m_lastArrival = std::numeric_limits<std::int64_t>::min() / 2;
    std::vector<SentPacket> m_sent;
};

} // namespace sr::test
