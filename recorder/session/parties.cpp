// SPDX-License-Identifier: GPL-3.0-or-later
// Rules of decisions.md 2, 6 and 8 over a captured call.
#include "recorder/session/parties.h"

#include "core/base/pattern.h"
#include "core/crypto/digest.h"

#include <algorithm>
#include <chrono>

namespace sr::recorder {
namespace {

using capture::CapturedCall;
using capture::Party;

constexpr std::uint16_t kPhoneLocalPort = 16386; // pbx-interfaces.md 3.1

Party otherOf(Party party)
{
    return party == Party::Caller ? Party::Callee : Party::Caller;
}

/// A withheld number is never the longer one, so it counts as external when the other side is known.
std::size_t lengthOf(const std::string& number)
{
    return static_cast<std::size_t>(
        std::count_if(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; }));
}

std::optional<Party> phoneSide(const CapturedCall& call)
{
    if (call.origin != capture::CallOrigin::PhoneFile)
        return std::nullopt;
    for (const capture::CallStream& stream : call.streams) {
        if (stream.rtp.from.port == kPhoneLocalPort)
            return stream.speaker;
        if (stream.rtp.to.port == kPhoneLocalPort)
            return otherOf(stream.speaker);
    }
    return std::nullopt;
}

Party internalOf(const CapturedCall& call, const std::string& pattern)
{
    if (call.internal)
        return *call.internal;
    if (!pattern.empty()) {
        const bool caller = matchesPattern(pattern, call.caller.number);
        const bool callee = matchesPattern(pattern, call.callee.number);
        if (caller != callee)
            return caller ? Party::Caller : Party::Callee;
    }
    if (const auto local = phoneSide(call))
        return *local;
    const bool callerKnown = call.caller.number != "unknown";
    const bool calleeKnown = call.callee.number != "unknown";
    if (callerKnown != calleeKnown)
        return callerKnown ? Party::Caller : Party::Callee;
    return lengthOf(call.caller.number) < lengthOf(call.callee.number) ? Party::Caller : Party::Callee;
}

} // namespace

Parties decideParties(const CapturedCall& call, const std::string& internalPattern)
{
    const Party internal = internalOf(call, internalPattern);
    return {.internal = internal,
            .direction =
                internal == Party::Caller ? archive::CallDirection::Out : archive::CallDirection::In};
}

std::string fingerprintOf(const CapturedCall& call)
{
    std::string identity = call.callId + '\0' + call.callerTag + '\0' + call.calleeTag + '\0' +
                           std::to_string(call.firstPacket.time_since_epoch().count());
    if (call.callId.empty()) { // bare RTP: the streams are all there is
        for (const capture::CallStream& stream : call.streams)
            identity += '\0' + stream.rtp.from.toString() + '\0' + stream.rtp.to.toString() + '\0' +
                        std::to_string(stream.rtp.ssrc);
    }
    if (!call.deviceId.empty())
        identity += '\0' + call.guid + '\0' + call.deviceId;
    return toHex(crypto::sha256(bytesOf(identity)));
}

std::string uidOf(const CapturedCall& call)
{
    return call.guid.empty() ? fingerprintOf(call).substr(0, 32) : call.guid;
}

std::uint32_t answerSecondsOf(const CapturedCall& call)
{
    const UtcTime until = call.answered ? *call.answered : call.ended;
    const UtcTime since = call.ringing ? *call.ringing : until;
    const auto rang = call.alerted ? call.alerted->count()
                                   : std::chrono::duration_cast<std::chrono::seconds>(until - since).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(rang, 0, 999'999));
}

} // namespace sr::recorder
