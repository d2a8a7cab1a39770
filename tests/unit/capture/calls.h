// SPDX-License-Identifier: GPL-3.0-or-later
// Calls between A and B as most tests of the tracker have them, and questions to what comes out.
#pragma once

#include "tests/unit/capture/sip_flow.h"

namespace sr::capture::test {

inline const std::string A = "10.0.0.1";
inline const std::string B = "10.0.0.2";
inline const std::string P = "10.0.0.9"; // a proxy or PBX between them
inline const RtpRun kForth{"10.0.0.1:4000", "10.0.0.2:6000", 0xa};
inline const RtpRun kBack{"10.0.0.2:6000", "10.0.0.1:4000", 0xb};

inline Sip inviteA()
{
    return request("INVITE").with(sdp(A, 4000));
}
inline Sip okB()
{
    return response(200).tt().with(sdp(B, 6000));
}

/// INVITE, 180, 200, ACK, two ways of media, BYE.
inline Flow plainCall()
{
    Flow f;
    f.sip(0, A, B, inviteA()).sip(0.1, B, A, response(100)).sip(0.5, B, A, response(180).tt());
    f.sip(3, B, A, okB()).sip(3.1, A, B, request("ACK").tt());
    f.rtp(3.1, 10, kForth).rtp(3.05, 10, kBack);
    f.sip(10, A, B, request("BYE", 2).tt()).sip(10.1, B, A, response(200, "BYE", 2).tt());
    return f;
}

inline std::vector<FlowKind> kinds(const CapturedCall& call)
{
    std::vector<FlowKind> out;
    for (const FlowEvent& event : call.flow)
        out.push_back(event.kind);
    return out;
}
inline bool has(const CapturedCall& call, FlowKind kind)
{
    return std::ranges::count(kinds(call), kind) > 0;
}
inline std::uint64_t packets(const CapturedCall& call, Party speaker)
{
    std::uint64_t sum = 0;
    for (const CallStream& one : call.streams)
        sum += one.speaker == speaker ? one.rtp.packets : 0;
    return sum;
}

} // namespace sr::capture::test

#define ONE_CALL(flow)                                                                                       \
    const auto calls = (flow).run();                                                                         \
    QCOMPARE(calls.size(), std::size_t{1});                                                                  \
    const CapturedCall& call = calls.front();
