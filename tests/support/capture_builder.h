// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the captures that tests, benches and the demo import: whole SIP calls with RTP and the faults of real
// networks.
#pragma once

#include "core/base/clock.h"
#include "core/base/endpoint.h"
#include "core/base/file.h"

#include <functional>
#include <string>
#include <vector>

namespace sr::test {

/// One side of a call: where it is, what it says and how its network treats it.
struct CallSide {
    std::string number{};
    std::string name{};
    Endpoint sip{};
    Endpoint media{};
    std::uint8_t payloadType = 8; ///< 8 PCMA, 0 PCMU: voice is encoded; others: `payload` must be given
    unsigned ptimeMs = 20;        ///< [ms]
    double clockPpm = 0;          ///< its sample clock against true time
    double jitterMs = 0;          ///< up to this much, uniform
    unsigned loseEvery = 0;       ///< every n-th packet never arrives; 0 none
    bool doubled = false;         ///< a mirror port shows every packet twice
    std::function<std::int16_t(std::uint64_t sample)> voice{}; ///< at 8 kHz; empty: silence
    std::function<Bytes(std::uint64_t packet)> payload{};      ///< ready payloads instead of `voice`
    std::vector<std::pair<double, double>>
        mutes{}; ///< [s from answer, s): nothing is sent, time stamps go on
};

struct CallPlan {
    std::string callId = "call-1@test";
    CallSide caller;
    CallSide callee;
    UtcTime start{}; ///< of the INVITE
    double ringSeconds = 2;
    double talkSeconds = 10;
    bool answered = true; ///< false: CANCEL after the ringing
    std::string
        digits; ///< RFC 4733 digits the caller sends, one a second from the second second on, type 101
    bool authenticate = false; ///< the first INVITE is challenged by 407
    std::string rtpmap;        ///< extra SDP lines of both sides, with CR LF
};

/// A tone of `hz` at `level` (0..1 of full scale), sampled at 8 kHz.
std::function<std::int16_t(std::uint64_t)> tone(double hz, double level = 0.3);

/// A usual plan: 24 calls 0703173009 at 10.0.0.24 and 10.0.0.1, A-law tones of 440 and 880 Hz.
CallPlan usualCall(UtcTime start = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) +
                                           std::chrono::hours(9)));

/// Packets of any number of calls, written in order of time.
class CaptureBuilder {
public:
    void add(UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload);
    void addText(UtcTime time, const Endpoint& from, const Endpoint& to, std::string_view text);
    void addCall(const CallPlan& plan);
    Bytes pcap() const;
    void save(const Path& file) const; ///< throws std::runtime_error: a test that cannot write has failed
    std::size_t packets() const { return m_packets.size(); }
    template <typename Visitor>
    void visit(Visitor visitor) const ///< (time, from, to, payload) in the order they were added
    {
        for (const Packet& packet : m_packets)
            visitor(packet.time, packet.from, packet.to, ByteView(packet.payload));
    }

private:
    struct Packet {
        UtcTime time;
        Endpoint from;
        Endpoint to;
        Bytes payload;
    };
    void addSip(const CallPlan& plan);
    void addVoice(const CallPlan& plan, const CallSide& side, const Endpoint& to, std::uint32_t ssrc);
    void addDigits(const CallPlan& plan);
    std::vector<Packet> m_packets;
};

/// Many calls of the same length, started evenly, straight to a file of any size: for benches. Returns
/// packets.
std::uint64_t writeManyCalls(const Path& file, unsigned calls, double talkSeconds, double startEverySeconds);

} // namespace sr::test
