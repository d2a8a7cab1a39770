// SPDX-License-Identifier: GPL-3.0-or-later
// A call that goes out takes its streams: those that fit it best, of one hop only, each with its epochs.
#include "core/capture/answer_estimate.h"
#include "core/capture/call_assembler.h"
#include "core/capture/encrypted_looks.h"
#include "core/capture/extra_keys.h"

#include <algorithm>
#include <iterator>

namespace sr::capture {
namespace {

constexpr std::size_t kMaxLooked = 4096; ///< streams at one endpoint that are looked at; more is hostile
constexpr int kReverseScore = 2;         ///< below everything that an announcement says itself

using Spans = std::pair<UtcTime, UtcTime>;

bool samePath(const StreamKey& a, const StreamKey& b)
{
    return (a.from == b.from && a.to == b.to) || (a.from == b.to && a.to == b.from);
}

/// Seconds in which a stream had packets, rising.
std::vector<std::int64_t> activeSeconds(const CollectedStream& stream)
{
    std::vector<std::int64_t> active;
    const Status read = stream.spool->visitHeads([&](const rtp::PacketHead& packet) {
        const std::int64_t second = packet.captured.time_since_epoch().count() / 1'000'000;
        if (active.empty() || active.back() < second)
            active.push_back(second);
    });
    return read ? active : std::vector<std::int64_t>{};
}

/// The same voice on another hop of a relay, or on the other side of a NAT: sounds most of its time beside
/// it. From first to last packet is not enough: music on hold lies in a pause of the voice that it stands
/// for.
bool runsBeside(const CollectedStream& a, const CollectedStream& b)
{
    const auto common = std::min(a.last, b.last) - std::max(a.first, b.first);
    const auto shorter = std::min(a.last - a.first, b.last - b.first);
    if (common.count() <= 0 || common * 2 <= shorter)
        return false;
    const auto ours = activeSeconds(a);
    const auto theirs = activeSeconds(b);
    std::vector<std::int64_t> both;
    std::set_intersection(ours.begin(), ours.end(), theirs.begin(), theirs.end(), std::back_inserter(both));
    return both.size() * 2 > std::min(ours.size(), theirs.size());
}

} // namespace

bool CallAssembler::rivalled(const TrackedCall& call, const CollectedStream& stream, const Match& match) const
{
    if (stream.owner.score > 0 && preferred(stream.owner, match, stream))
        return true;
    for (const Endpoint* end : {&stream.key.from, &stream.key.to}) {
        for (const TrackedCall* rival : m_claims.at(*end)) {
            if (rival == &call)
                continue;
            const Match theirs = matchStream(*rival, stream);
            if (theirs.score > 0 && preferred(ownerOf(theirs), match, stream))
                return true;
        }
    }
    return false;
}

std::vector<CallAssembler::Matched> CallAssembler::matches(const TrackedCall& call)
{
    RtpCollector::Found found;
    for (const Announcement& one : call.announcements) {
        for (const Endpoint* end : {&one.rtp, &one.behindNat}) {
            std::size_t looked = 0;
            for (const auto& entry : m_collector.at(*end)) {
                found.insert(entry);
                if (++looked >= kMaxLooked)
                    break;
            }
        }
    }
    std::vector<Matched> matched;
    for (const auto& [serial, stream] : found) {
        const Match match = stream->spool ? matchStream(call, *stream) : Match{};
        if (match.score > 0 && !rivalled(call, *stream, match))
            matched.push_back({stream, match});
    }
    addReverse(call, matched);
    return matched;
}

/// The way back from an address that only the media itself showed: asymmetric RTP behind NAT.
void CallAssembler::addReverse(const TrackedCall& call, std::vector<Matched>& matched)
{
    const std::size_t direct = matched.size();
    for (std::size_t i = 0; i < direct; ++i) {
        const Matched forth = matched[i];
        std::size_t looked = 0;
        for (const auto& entry : m_collector.at(forth.stream->key.from)) {
            CollectedStream* stream = entry.second;
            if (++looked > kMaxLooked)
                break;
            const bool back = stream->key.to == forth.stream->key.from &&
                              stream->key.from.address == forth.stream->key.to.address;
            const bool known = std::any_of(matched.begin(), matched.end(),
                                           [&](const Matched& m) { return m.stream == stream; });
            const bool inTime = stream->first >= call.out.firstPacket - seconds(2) &&
                                (!call.over || stream->first <= call.out.ended);
            if (back && !known && inTime && stream->spool && stream->owner.score == 0)
                matched.push_back({stream,
                                   {kReverseScore, other(forth.match.speaker), forth.match.since,
                                    forth.match.hop, forth.match.audio}});
        }
    }
}

void CallAssembler::takeStreams(TrackedCall& call, std::vector<Matched> matched)
{
    // The fullest first, so that the better copy of a voice that was captured on two hops stays.
    std::stable_sort(matched.begin(), matched.end(), [](const Matched& a, const Matched& b) {
        return a.stream->packets > b.stream->packets;
    });
    std::vector<Matched> kept;
    for (const Matched& one : matched) {
        const bool copy = std::any_of(kept.begin(), kept.end(), [&](const Matched& k) {
            return k.match.speaker == one.match.speaker && !samePath(k.stream->key, one.stream->key) &&
                   runsBeside(*k.stream, *one.stream);
        });
        if (!one.match.audio)
            m_stats->otherMedia += one.stream->packets;
        else if (!copy && one.stream->packets > 0)
            kept.push_back(one);
    }
    for (const Matched& one : kept) {
        const CollectedStream& s = *one.stream;
        CallStream made;
        made.speaker = one.match.speaker;
        made.cutPackets = s.cut;
        made.rtp = {
            s.key.from, s.key.to, s.key.ssrc, s.packets, s.first, s.last, epochsOf(call, s, one.match),
            s.spool};
        if (made.rtp.epochs.empty())
            made.rtp.epochs.push_back({s.first, {}, {}});
        for (rtp::MediaEpoch& epoch : made.rtp.epochs) {
            if (epoch.formats.empty())
                epoch.formats = guessFormats(s);
        }
        addExtraKeys(made.rtp, m_options.extraKeys, mayBeEncrypted(s));
        call.out.streams.push_back(std::move(made));
        call.lastFile = std::max(call.lastFile, s.lastFile);
    }
    for (const Matched& one : matched) {
        CollectedStream& s = *one.stream;
        const bool shared = awaited(s); // this call's own claims are gone by now
        s.owner = ownerOf(one.match);
        if (shared && s.open)
            m_collector.close(s); // what comes now is for the other call alone
        else if (!shared && !s.open)
            m_collector.remove(s);
        else if (!shared) {
            RtpCollector::retire(s);
            s.spool.reset();
        }
    }
}

void CallAssembler::takeLeftovers(TrackedCall& call)
{
    Party local = Party::Caller;
    for (const Announcement& one : call.announcements) {
        if (one.rtp.port == kPhoneLocalPort)
            local = one.side;
    }
    std::vector<Matched> all;
    for (CollectedStream& stream : m_collector.streams()) {
        const bool isLocal = isLocalSpeech(stream.key.from) || stream.key.to.port == kPhoneRemotePort;
        if (stream.spool && stream.owner.score == 0)
            all.push_back(
                {&stream, {kReverseScore, isLocal ? local : other(local), stream.first, std::nullopt}});
    }
    takeStreams(call, std::move(all));
}

/// Of a call of which only the end was captured: the one conversation between its two hosts that fell silent
/// with it, if there is only one.
void CallAssembler::takeByHosts(TrackedCall& call)
{
    constexpr seconds kNear{2};
    const IpAddress& caller = call.out.caller.signalling.address;
    const IpAddress& callee = call.out.callee.signalling.address;
    if (!call.out.endSeen || caller == callee)
        return;
    std::vector<CollectedStream*> silent;
    std::size_t looked = 0;
    for (CollectedStream& one : m_collector.streams()) {
        if (++looked > kMaxLooked)
            break;
        const bool between = (one.key.from.address == caller && one.key.to.address == callee) ||
                             (one.key.from.address == callee && one.key.to.address == caller);
        if (between && one.spool && one.owner.score == 0 && one.first < call.out.ended &&
            one.last >= call.out.ended - kNear && one.last <= call.out.ended + kNear && !awaited(one))
            silent.push_back(&one);
    }
    const std::vector<BareGroup> groups = groupBare(silent);
    if (groups.size() != 1 || !isBareCall(groups.front()))
        return;
    std::vector<Matched> matched;
    for (CollectedStream* one : groups.front().streams)
        matched.push_back({one,
                           {kReverseScore, one->key.from.address == caller ? Party::Caller : Party::Callee,
                            one->first, std::nullopt}});
    takeStreams(call, std::move(matched));
}

void CallAssembler::handOut(TrackedCall& call)
{
    std::vector<Matched> matched = matches(call);
    m_claims.remove(call);
    takeStreams(call, std::move(matched));
    if (m_phone && call.out.streams.empty() && m_calls.size() == 1)
        takeLeftovers(call);
    if (!call.inviteSeen && call.announcements.empty())
        takeByHosts(call);
    std::sort(call.out.streams.begin(), call.out.streams.end(),
              [](const CallStream& a, const CallStream& b) { return a.rtp.first < b.rtp.first; });
    settleAnswer(call, m_phone || call.out.origin == CallOrigin::PhoneFile);
    CapturedCall out = std::move(call.out);
    call.out.callId = out.callId;
    UtcTime last = call.lastSignalling;
    for (const CallStream& one : out.streams) {
        out.firstPacket = std::min(out.firstPacket, one.rtp.first);
        last = std::max(last, one.rtp.last);
    }
    if (!out.endSeen) {
        out.ended = last;
        out.flow.push_back({last, FlowKind::Lost, Party::Caller, "the capture shows no end of the call"});
    }
    const std::uint32_t firstFile = call.firstFile;
    const std::uint32_t lastFile = call.lastFile;
    const bool onlyItsEnd = !call.inviteSeen && !out.answered && out.finalStatus == 0 &&
                            std::any_of(out.flow.begin(), out.flow.end(),
                                        [](const FlowEvent& e) { return e.kind == FlowKind::Bye; });
    m_calls.remove(call, m_now);
    if (!onlyItsEnd) // it was answered before the capture began, and nothing of it is left to keep
        deliver(std::move(out), firstFile, lastFile);
}

} // namespace sr::capture
