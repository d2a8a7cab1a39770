// SPDX-License-Identifier: GPL-3.0-or-later
// Plain translation of capture and codec values into the archive's words.
#include "recorder/pipeline/call_facts.h"

#include "core/base/file.h"

#include <algorithm>
#include <utility>

namespace sr::recorder {
namespace {

using archive::Recording;
using capture::CapturedCall;
using capture::FlowKind;

const char* nameOf(FlowKind kind)
{
    switch (kind) {
    case FlowKind::Invite:
        return "invite";
    case FlowKind::Challenge:
        return "challenge";
    case FlowKind::Progress:
        return "progress";
    case FlowKind::Ringing:
        return "ringing";
    case FlowKind::EarlyMedia:
        return "early-media";
    case FlowKind::Answer:
        return "answer";
    case FlowKind::Reinvite:
        return "reinvite";
    case FlowKind::Hold:
        return "hold";
    case FlowKind::Retrieve:
        return "retrieve";
    case FlowKind::Refer:
        return "refer";
    case FlowKind::Pause:
        return "pause";
    case FlowKind::Resume:
        return "resume";
    case FlowKind::Mark:
        return "mark";
    case FlowKind::Replaces:
        return "replaces";
    case FlowKind::Redirect:
        return "redirect";
    case FlowKind::Cancel:
        return "cancel";
    case FlowKind::Reject:
        return "reject";
    case FlowKind::Bye:
        return "bye";
    case FlowKind::Lost:
        return "lost";
    }
    return "";
}

const char* nameOf(codec::InsertionKind kind)
{
    switch (kind) {
    case codec::InsertionKind::Silence:
        return "silence";
    case codec::InsertionKind::ComfortNoise:
        return "comfort-noise";
    case codec::InsertionKind::Loss:
        return "loss";
    case codec::InsertionKind::ClockSkew:
        return "clock-skew";
    }
    return "";
}

const char* partyName(std::size_t party)
{
    return party == codec::kInternal ? "internal" : "external";
}

std::string joined(const std::vector<std::string>& files)
{
    std::string text;
    for (const std::string& file : files)
        text += (text.empty() ? "" : ", ") + utf8Of(pathOf(file).filename());
    return text;
}

bool keepsParty(archive::ChannelLayout layout, std::size_t party)
{
    return !(layout == archive::ChannelLayout::InternalOnly && party == codec::kExternal) &&
           !(layout == archive::ChannelLayout::ExternalOnly && party == codec::kInternal);
}

/// From `pause` to `resume` or the end, as far as it lies in the part; its start has moved on with the part.
void addPauses(Recording& recording, std::uint32_t rate, std::uint64_t firstFrame, std::uint64_t frames)
{
    const UtcTime origin = recording.start - seconds(firstFrame / rate);
    const auto frameAt = [&](UtcTime time) {
        const auto since = std::max(time - origin, microseconds(0)).count();
        return static_cast<std::uint64_t>(since) * rate / 1'000'000;
    };
    const std::uint64_t end = firstFrame + frames;
    std::optional<std::uint64_t> begun;
    const auto close = [&](std::uint64_t until) {
        const std::uint64_t from = std::max(std::exchange(begun, std::nullopt).value_or(until), firstFrame);
        until = std::min(until, end);
        if (from < until)
            recording.pauses.push_back({from - firstFrame, until - from});
    };
    for (const archive::FlowStep& step : recording.flow) {
        if (step.kind == "pause" && !begun)
            begun = frameAt(step.time);
        else if (step.kind == "resume")
            close(frameAt(step.time));
    }
    close(end);
}

/// The last one that the exchange has written into the transcript of a call of its own
/// (pbx::CallTranscript::tan()).
std::string tanOf(const CapturedCall& call)
{
    constexpr std::string_view kHeader = "\r\nSwitchroom-Tan: ";
    constexpr std::size_t kDigits = 6;
    std::string tan;
    for (const capture::SignallingMessage& message : call.signalling) {
        const std::size_t at = message.bytes.find(kHeader);
        if (!message.bytes.starts_with("INFO ") || at == std::string::npos)
            continue;
        const std::string digits = message.bytes.substr(at + kHeader.size(), kDigits);
        if (digits.size() == kDigits &&
            std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
            tan = digits;
    }
    return tan;
}

} // namespace

Recording callFacts(const CapturedCall& call, const Parties& parties)
{
    const bool outgoing = parties.internal == capture::Party::Caller;
    const capture::CallParty& internal = outgoing ? call.caller : call.callee;
    const capture::CallParty& external = outgoing ? call.callee : call.caller;

    Recording r;
    r.uid = uidOf(call);
    r.fingerprint = fingerprintOf(call);
    r.internal = internal.number.empty() ? "unknown" : internal.number;
    r.external = external.number.empty() ? "unknown" : external.number;
    r.internalName = internal.displayName;
    r.externalName = external.displayName;
    r.direction = parties.direction;
    r.answered = call.answered.has_value();
    r.start = call.answered.value_or(call.firstPacket);
    r.answerSeconds = answerSecondsOf(call);
    r.owner = call.owner.value_or(parties.internal) == parties.internal ? r.internal : r.external;
    r.tan = tanOf(call);
    r.finalStatus = call.finalStatus;
    r.source = joined(call.files);
    r.callId = call.callId;
    r.droppedPackets = call.droppedPackets;
    r.format = archive::MediaFormat::None;
    r.name.internal = r.internal;
    r.name.external = r.external;
    r.name.direction = r.direction;
    r.name.answerSeconds = r.answerSeconds;
    for (const capture::FlowEvent& event : call.flow)
        r.flow.push_back({event.time, nameOf(event.kind),
                          event.by == parties.internal ? "internal" : "external", event.detail});
    for (const archive::FlowStep& step : r.flow)
        if (step.kind == "mark")
            r.marks.push_back({step.time, step.by});
    return r;
}

codec::CallAudioInput audioInputOf(const CapturedCall& call, const Parties& parties, bool alwaysG711)
{
    codec::CallAudioInput input;
    for (const capture::CallStream& stream : call.streams)
        input.party[stream.speaker == parties.internal ? codec::kInternal : codec::kExternal].push_back(
            stream.rtp);
    input.start = call.answered.value_or(call.firstPacket);
    input.end = call.ended;
    input.alwaysG711 = alwaysG711;
    return input;
}

void addSoundFacts(Recording& recording, const codec::CallAudioInfo& info, std::uint64_t firstFrame,
                   std::uint64_t frames)
{
    recording.codecs = info.codecs;
    recording.lostPackets = info.lost;
    recording.duplicatePackets = info.duplicates;
    recording.undecodablePackets = info.undecodable;
    recording.lockedPackets = info.locked;
    const std::uint64_t end = firstFrame + frames;
    for (const codec::Digit& digit : info.digits) {
        if (digit.frame >= firstFrame && digit.frame < end)
            recording.digits.push_back(
                {partyName(digit.party), digit.symbol, digit.frame - firstFrame, digit.durationMs});
    }
    for (const codec::Insertion& insertion : info.insertions) {
        const std::uint64_t from = std::max(insertion.frame, firstFrame);
        const std::uint64_t until = std::min(insertion.frame + insertion.frames, end);
        if (from < until)
            recording.insertions.push_back(
                {partyName(insertion.party), nameOf(insertion.kind), from - firstFrame, until - from});
    }
    addPauses(recording, info.format.sampleRate, firstFrame, frames);
    keepMarksOfLayout(recording);
}

void keepMarksOfLayout(Recording& recording)
{
    for (const std::size_t party : {codec::kInternal, codec::kExternal}) {
        if (keepsParty(recording.layout, party))
            continue;
        const auto isTheirs = [&](const auto& mark) { return mark.party == partyName(party); };
        std::erase_if(recording.digits, isTheirs);
        std::erase_if(recording.insertions, isTheirs);
    }
}

bool losesParty(const codec::CallAudioInfo& info)
{
    const auto lost = [&](std::size_t party) {
        return info.codecs[party].empty() && info.undecodable[party] > 0;
    };
    return lost(codec::kInternal) || lost(codec::kExternal);
}

void addCutPackets(Recording& recording, const CapturedCall& call, const Parties& parties)
{
    for (const capture::CallStream& stream : call.streams)
        recording.lostPackets[stream.speaker == parties.internal ? codec::kInternal : codec::kExternal] +=
            stream.cutPackets;
}

Recording becomeSound(Recording packets, const WrittenAudio& written, OutputFormat format,
                      const codec::CallAudioInfo& info)
{
    packets.coding = written.coding;
    packets.sampleRate = written.sampleRate;
    packets.frames = written.frames;
    packets.durationMs = written.frames * 1000 / written.sampleRate;
    packets.layout = layoutOf(format);
    packets.digits.clear();
    packets.insertions.clear();
    packets.pauses.clear();
    addSoundFacts(packets, info, 0, info.frames);
    return packets;
}

} // namespace sr::recorder
