// SPDX-License-Identifier: GPL-3.0-or-later
// Scores streams against announcements and lays out epochs.
#include "core/capture/media_matcher.h"

#include <array>

namespace sr::capture {
namespace {

constexpr seconds kBefore{2}; ///< media may overtake its own signalling
constexpr seconds kAfter{5};  ///< and outlast it

constexpr std::size_t kMaxRivals = 256; // chosen: calls on one endpoint beyond it are hostile

// A source says more than a destination: both sides may answer through one relay port.
constexpr int kFromExact = 6;
constexpr int kToExact = 5;
constexpr int kFromNat = 4;
constexpr int kToNat = 3;

bool holds(const Announcement& one, const TrackedCall& call, const CollectedStream& stream)
{
    const UtcTime until = one.until == UtcTime::max() ? one.until : one.until + kAfter;
    // Where the capture began inside the call its media is older than its first message.
    return (!call.inviteSeen || stream.last >= one.since - kBefore) && stream.first <= until &&
           (!call.inviteSeen || stream.first >= call.out.firstPacket - kBefore) &&
           (!call.out.endSeen || stream.first <= call.out.ended + kAfter);
}

int scoreAt(const Endpoint& end, const Announcement& one, int exact, int nat)
{
    if (end == one.rtp)
        return exact;
    return end == one.behindNat ? nat : 0;
}

} // namespace

namespace {

Match matchKind(const TrackedCall& call, const CollectedStream& stream, bool audio)
{
    std::array<int, 2> from{};
    std::array<int, 2> to{};
    std::array<const Announcement*, 2> best{};
    for (const Announcement& one : call.announcements) {
        if (one.audio != audio || !holds(one, call, stream))
            continue;
        const int f = scoreAt(stream.key.from, one, kFromExact, kFromNat);
        const int t = scoreAt(stream.key.to, one, kToExact, kToNat);
        const auto side = static_cast<std::size_t>(one.side);
        const auto opposite = static_cast<std::size_t>(other(one.side));
        if (f > from[side]) {
            from[side] = f;
            if (best[side] == nullptr)
                best[side] = &one;
        }
        if (t > to[side]) { // the receiver's word counts for the speaker on the other side
            to[side] = t;
            best[opposite] = &one;
        }
    }
    Match match;
    for (const Party speaker : {Party::Caller, Party::Callee}) {
        const auto side = static_cast<std::size_t>(speaker);
        const int score = from[side] + to[static_cast<std::size_t>(other(speaker))];
        if (score > match.score)
            match = {score, speaker, best[side]->since, best[side]->hop, audio};
    }
    return match;
}

} // namespace

Match matchStream(const TrackedCall& call, const CollectedStream& stream)
{
    const Match sound = matchKind(call, stream, true);
    const Match rest = matchKind(call, stream, false);
    return rest.score > sound.score ? rest : sound; // bundled media shares a port, and is told by its formats
}

StreamOwner ownerOf(const Match& match)
{
    return {match.score, match.since, match.hop ? match.hop->low : Endpoint{},
            match.hop ? match.hop->high : Endpoint{}};
}

bool preferred(const StreamOwner& rival, const Match& mine, const CollectedStream& stream)
{
    if (rival.score != mine.score)
        return rival.score > mine.score;
    const bool sameHop =
        mine.hop && mine.hop->low == rival.signallingA && mine.hop->high == rival.signallingB;
    const bool oneSided = mine.score < kFromNat + kToNat;
    return (sameHop || oneSided) && rival.since > mine.since && stream.first >= rival.since - kBefore;
}

namespace {

/// Whether an announcement speaks for the stream: of sound, made on the hop that the stream was matched on.
bool concerns(const Announcement& one, const Match& match)
{
    return one.audio && (!match.hop || one.hop == *match.hop);
}

struct State {
    rtp::PayloadMap receiver;
    rtp::PayloadMap sender;
    rtp::PayloadMap former;
    std::vector<rtp::SrtpKey> keys;
    const Announcement* bySender = nullptr;
    const Announcement* byReceiver = nullptr;
};

/// Keys in a clear profile count only if the answer has some too (best effort SRTP).
rtp::Protection protectionOf(const State& state)
{
    if (state.bySender == nullptr)
        return rtp::Protection::ByKeys;
    if (state.bySender->secure)
        return rtp::Protection::Required;
    const bool refused =
        state.byReceiver != nullptr && !state.byReceiver->secure && state.byReceiver->keys.empty();
    return state.bySender->keys.empty() || refused ? rtp::Protection::Optional : rtp::Protection::ByKeys;
}

void addKeys(std::vector<rtp::SrtpKey>& keys, const std::vector<rtp::SrtpKey>& more)
{
    constexpr std::size_t kMaxKeys = 8;
    for (const rtp::SrtpKey& key : more) {
        if (keys.size() < kMaxKeys && std::find(keys.begin(), keys.end(), key) == keys.end())
            keys.push_back(key);
    }
}

void update(State& state, const Announcement& one, const Match& match)
{
    if (one.side == match.speaker) {
        state.bySender = &one;
        state.sender = one.formats;
        std::vector<rtp::SrtpKey> keys = one.keys;
        addKeys(keys, state.keys); // packets under the old key may still come
        state.keys = std::move(keys);
    } else {
        state.former.insert(state.receiver.begin(), state.receiver.end());
        state.byReceiver = &one;
        state.receiver = one.formats;
    }
}

rtp::MediaEpoch epoch(UtcTime since, const State& state, const CollectedStream& stream)
{
    rtp::MediaEpoch made{since, state.receiver, state.keys, protectionOf(state)};
    made.formats.insert(state.sender.begin(), state.sender.end());
    made.formats.insert(state.former.begin(), state.former.end());
    for (const PayloadSample& one : stream.samples) {
        if (const auto format = rtp::staticFormat(one.payloadType))
            made.formats.emplace(one.payloadType, *format);
    }
    return made;
}

} // namespace

std::vector<rtp::MediaEpoch> epochsOf(const TrackedCall& call, const CollectedStream& stream,
                                      const Match& match)
{
    std::vector<const Announcement*> said;
    const bool forked =
        std::any_of(call.announcements.begin(), call.announcements.end(), [&](const auto& one) {
            return concerns(one, match) && one.side == Party::Callee && one.tag == call.out.calleeTag;
        });
    const auto gather = [&](bool anyHop) {
        for (const Announcement& one : call.announcements) {
            const bool lostFork = forked && one.side == Party::Callee && one.tag != call.out.calleeTag;
            if ((anyHop && one.audio) || (concerns(one, match) && !lostFork))
                said.push_back(&one);
        }
    };
    gather(false);
    if (said.empty())
        gather(true);
    std::stable_sort(said.begin(), said.end(),
                     [](const auto* a, const auto* b) { return a->since < b->since; });
    std::vector<rtp::MediaEpoch> epochs;
    State state;
    for (const Announcement* one : said) {
        update(state, *one, match);
        rtp::MediaEpoch next = epoch(one->since, state, stream);
        const bool same = !epochs.empty() && epochs.back().formats == next.formats &&
                          epochs.back().srtpKeys == next.srtpKeys &&
                          epochs.back().protection == next.protection;
        const bool replaces =
            !epochs.empty() && (epochs.back().since == next.since || next.since <= stream.first);
        if (replaces)
            epochs.back() = std::move(next);
        else if (!same)
            epochs.push_back(std::move(next));
    }
    return epochs;
}

void MediaClaims::add(const Endpoint& endpoint, TrackedCall& call)
{
    std::vector<TrackedCall*>& calls = m_calls[endpoint];
    if (calls.size() >= kMaxRivals || std::find(calls.begin(), calls.end(), &call) != calls.end())
        return;
    calls.push_back(&call);
    m_endpoints[&call].push_back(endpoint);
}

void MediaClaims::remove(const TrackedCall& call)
{
    const auto found = m_endpoints.find(&call);
    if (found == m_endpoints.end())
        return;
    for (const Endpoint& endpoint : found->second) {
        const auto at = m_calls.find(endpoint);
        std::erase(at->second, &call);
        if (at->second.empty())
            m_calls.erase(at);
    }
    m_endpoints.erase(found);
}

const std::vector<TrackedCall*>& MediaClaims::at(const Endpoint& endpoint) const
{
    static const std::vector<TrackedCall*> none;
    const auto found = m_calls.find(endpoint);
    return found == m_calls.end() ? none : found->second;
}

} // namespace sr::capture
