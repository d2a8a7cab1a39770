// SPDX-License-Identifier: GPL-3.0-or-later
// Pairs directions and guesses formats, with restraint: a wrong guess is noise in someone's ear.
#include "core/capture/bare_rtp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace sr::capture {
namespace {

struct Span {
    UtcTime first{};
    UtcTime last{};
};

Span spanOf(const BareGroup& group)
{
    Span span{group.streams.front()->first, group.streams.front()->last};
    for (const CollectedStream* one : group.streams) {
        span.first = std::min(span.first, one->first);
        span.last = std::max(span.last, one->last);
    }
    return span;
}

bool overlapByHalf(const Span& a, const Span& b)
{
    const auto common = std::min(a.last, b.last) - std::max(a.first, b.first);
    const auto shorter = std::min(a.last - a.first, b.last - b.first);
    return common.count() > 0 && common * 2 >= shorter;
}

bool oneDirection(const BareGroup& group)
{
    return std::all_of(group.streams.begin(), group.streams.end(), [&](const CollectedStream* one) {
        return one->key.from == group.streams.front()->key.from;
    });
}

void order(BareGroup& group)
{
    std::sort(group.streams.begin(), group.streams.end(),
              [](const CollectedStream* a, const CollectedStream* b) {
                  return a->first != b->first ? a->first < b->first : a->serial < b->serial;
              });
    group.reverse.clear();
    for (const CollectedStream* one : group.streams) {
        const bool same =
            one->key.from == group.streams.front()->key.from || one->key.to == group.streams.front()->key.to;
        group.reverse.push_back(same ? 0 : 1);
    }
}

using Addresses = std::pair<IpAddress, IpAddress>;

/// Joins groups of one direction whose ports differ from those of the way back (asymmetric RTP).
void joinByAddress(std::vector<BareGroup>& groups)
{
    std::map<Addresses, std::vector<std::size_t>> singles;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const StreamKey& key = groups[i].streams.front()->key;
        if (oneDirection(groups[i]))
            singles[{key.from.address, key.to.address}].push_back(i);
    }
    for (const auto& [addresses, indexes] : singles) {
        const auto back = singles.find({addresses.second, addresses.first});
        if (back == singles.end() || back->second.size() != 1 || indexes.size() != 1 ||
            !(addresses.first < addresses.second))
            continue;
        BareGroup& mine = groups[indexes.front()];
        BareGroup& theirs = groups[back->second.front()];
        if (!overlapByHalf(spanOf(mine), spanOf(theirs)))
            continue;
        mine.streams.insert(mine.streams.end(), theirs.streams.begin(), theirs.streams.end());
        theirs.streams.clear();
    }
    std::erase_if(groups, [](const BareGroup& group) { return group.streams.empty(); });
}

/// What runs between the same endpoints after a silence is another conversation.
void splitAtGaps(BareGroup whole, std::vector<BareGroup>& groups)
{
    std::sort(whole.streams.begin(), whole.streams.end(),
              [](const CollectedStream* a, const CollectedStream* b) { return a->first < b->first; });
    UtcTime last = whole.streams.front()->last;
    groups.emplace_back();
    for (CollectedStream* one : whole.streams) {
        if (one->first - last > RtpCollector::kGap)
            groups.emplace_back();
        groups.back().streams.push_back(one);
        last = std::max(last, one->last);
    }
}

std::string hex8(std::uint32_t value)
{
    std::array<char, 8> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, 16).ptr;
    return std::string(text.data(), end);
}

} // namespace

std::vector<BareGroup> groupBare(const std::vector<CollectedStream*>& streams)
{
    std::map<std::pair<Endpoint, Endpoint>, BareGroup> byPair;
    for (CollectedStream* one : streams)
        byPair[std::minmax(one->key.from, one->key.to)].streams.push_back(one);
    std::vector<BareGroup> groups;
    for (auto& [pair, group] : byPair)
        splitAtGaps(std::move(group), groups);
    joinByAddress(groups);
    for (BareGroup& group : groups)
        order(group);
    std::sort(groups.begin(), groups.end(), [](const BareGroup& a, const BareGroup& b) {
        const UtcTime lastA = spanOf(a).last;
        const UtcTime lastB = spanOf(b).last;
        return lastA != lastB ? lastA < lastB : a.streams.front()->serial < b.streams.front()->serial;
    });
    return groups;
}

bool isBareCall(const BareGroup& group)
{
    return std::any_of(group.streams.begin(), group.streams.end(),
                       [](const CollectedStream* one) { return one->packets >= kBareMinimum; });
}

rtp::PayloadMap guessFormats(const CollectedStream& stream)
{
    constexpr std::uint16_t kEventOctets = 12 + 4; // RFC 4733 §2.3
    constexpr std::uint16_t kMostOpus = 12 + 1275; // RFC 6716 §3.4
    rtp::PayloadMap formats;
    for (const PayloadSample& one : stream.samples) {
        if (const auto known = rtp::staticFormat(one.payloadType)) {
            formats.emplace(one.payloadType, *known);
            continue;
        }
        if (one.payloadType < 96)
            continue;
        const auto ticks = static_cast<double>(one.lastTimestamp - one.firstTimestamp);
        const double elapsed = std::chrono::duration<double>(one.last - one.first).count();
        const bool tiny = one.minOctets == kEventOctets && one.maxOctets == kEventOctets;
        if (tiny && one.packets >= 3)
            formats.emplace(one.payloadType, rtp::PayloadFormat{"TELEPHONE-EVENT", 8000, 1, "0-15"});
        else if (one.packets >= 10 && elapsed > 0.1 && one.maxOctets <= kMostOpus &&
                 ticks > elapsed * 48000 * 0.9 && ticks < elapsed * 48000 * 1.1)
            formats.emplace(one.payloadType, rtp::PayloadFormat{"OPUS", 48000, 2, {}});
    }
    return formats;
}

CapturedCall bareCall(const BareGroup& group)
{
    CapturedCall call;
    call.origin = CallOrigin::BareRtp;
    const CollectedStream& lead = *group.streams.front();
    call.callId =
        "rtp:" + lead.key.from.toString() + ">" + lead.key.to.toString() + "#" + hex8(lead.key.ssrc);
    call.caller.number = call.callee.number = "unknown";
    call.caller.host = lead.key.from.address.toString();
    call.callee.host = lead.key.to.address.toString();
    call.caller.signalling = lead.key.from;
    call.callee.signalling = lead.key.to;
    const Span span = spanOf(group);
    call.firstPacket = span.first;
    call.answered = span.first;
    call.ended = span.last;
    for (std::size_t i = 0; i < group.streams.size(); ++i) {
        const CollectedStream& one = *group.streams[i];
        CallStream made;
        made.cutPackets = one.cut;
        made.speaker = group.reverse[i] != 0 ? Party::Callee : Party::Caller;
        made.rtp = {one.key.from, one.key.to, one.key.ssrc, one.packets, one.first, one.last, {}, one.spool};
        made.rtp.epochs.push_back({one.first, guessFormats(one), {}});
        call.streams.push_back(std::move(made));
    }
    return call;
}

} // namespace sr::capture
