// SPDX-License-Identifier: GPL-3.0-or-later
// Evidence by falling weight: requests that only answered calls have, sound behind the ACK, a long
// conversation.
#include "core/capture/answer_estimate.h"

#include <algorithm>
#include <array>

namespace sr::capture {
namespace {

constexpr seconds kTalk{5};     // chosen: longer than callers and their ringing tone send at once by chance
constexpr seconds kAfterAck{3}; // chosen: a refusal's tone and the caller's microphone may outlast its ACK

struct Span {
    UtcTime first = UtcTime::max();
    UtcTime last = UtcTime::min();
};
using Spans = std::array<Span, 2>; // by Party

Spans spansOf(const CapturedCall& call)
{
    Spans spans;
    for (const CallStream& one : call.streams) {
        Span& span = spans[static_cast<std::size_t>(one.speaker)];
        span.first = std::min(span.first, one.rtp.first);
        span.last = std::max(span.last, one.rtp.last);
    }
    return spans;
}

bool bothHeard(const Spans& spans)
{
    return spans[0].first != UtcTime::max() && spans[1].first != UtcTime::max();
}

bool hasEvent(const CapturedCall& call, FlowKind kind)
{
    return std::any_of(call.flow.begin(), call.flow.end(),
                       [kind](const FlowEvent& e) { return e.kind == kind; });
}

/// The first moment at which both were heard, or the one that was; not before it rang, not after `latest`.
UtcTime firstTalk(const CapturedCall& call, const Spans& spans, UtcTime latest)
{
    const UtcTime rang = call.ringing.value_or(call.firstPacket);
    if (call.streams.empty())
        return std::min(rang, latest);
    const UtcTime heard = bothHeard(spans) ? std::max(spans[0].first, spans[1].first)
                                           : std::min(spans[0].first, spans[1].first);
    return std::min(std::max(heard, rang), latest);
}

/// Until both were heard, or the one that was.
UtcTime lastTalk(const Spans& spans)
{
    return bothHeard(spans) ? std::min(spans[0].last, spans[1].last) : std::max(spans[0].last, spans[1].last);
}

/// Both parties heard for long, though nobody announced media before the answer: an announcement may listen.
bool longTalk(const CapturedCall& call, const Spans& spans)
{
    return bothHeard(spans) && !hasEvent(call, FlowKind::EarlyMedia) &&
           lastTalk(spans) - firstTalk(call, spans, UtcTime::max()) > kTalk;
}

void note(CapturedCall& call, const char* how)
{
    const auto later = std::find_if(call.flow.begin(), call.flow.end(),
                                    [&](const FlowEvent& e) { return e.time > *call.answered; });
    call.flow.insert(later,
                     {*call.answered, FlowKind::Answer, Party::Callee, std::string("not captured; ") + how});
}

/// The capture began inside the call.
void settleBegun(TrackedCall& call)
{
    CapturedCall& out = call.out;
    if (out.answered || out.finalStatus != 0 || hasEvent(out, FlowKind::Cancel))
        return;
    if (!out.streams.empty())
        out.answered =
            std::min_element(out.streams.begin(), out.streams.end(), [](const auto& a, const auto& b) {
                return a.rtp.first < b.rtp.first;
            })->rtp.first;
    else if (!call.reinvites.empty())
        out.answered = out.firstPacket;
}

} // namespace

void settleAnswer(TrackedCall& call, bool recordedByPhone)
{
    CapturedCall& out = call.out;
    if (!call.inviteSeen)
        return settleBegun(call);
    if (call.answerSeen)
        return;
    const Spans spans = spansOf(out);
    if (out.answered && call.answerEstimated) {
        out.answered = firstTalk(out, spans, *out.answered);
        return note(out, out.streams.empty() ? "some time before what follows"
                                             : "estimated by the first sound of both parties");
    }
    if (out.answered)
        return note(out, "its ACK was");
    if (out.finalStatus != 0)
        return;
    if (call.acked && !out.streams.empty() && lastTalk(spans) > *call.acked + kAfterAck) {
        out.answered = call.acked;
        return note(out, "its ACK was");
    }
    if (!out.streams.empty() && (recordedByPhone || (!out.endSeen && longTalk(out, spans)))) {
        out.answered = firstTalk(out, spans, UtcTime::max());
        note(out, "estimated by the first sound of both parties");
    }
}

} // namespace sr::capture
