// SPDX-License-Identifier: GPL-3.0-or-later
// The life of calls and streams; the choice of streams for a call is in call_streams.cpp.
#include "core/capture/call_assembler.h"

#include "core/capture/encrypted_looks.h"
#include "core/capture/extra_keys.h"

#include <algorithm>

namespace sr::capture {
namespace {

constexpr seconds kSweepEvery{15};
constexpr std::size_t kMaxLooked = 4096; ///< streams at one endpoint that are looked at; more is hostile

} // namespace

CallAssembler::CallAssembler(Spool& spool, const ReadOptions& options, CaptureStats& stats, Emit emit,
                             std::optional<PhoneFileName> phone)
    : m_options(options)
    , m_stats(&stats)
    , m_emit(std::move(emit))
    , m_phone(std::move(phone))
    , m_collector(spool, options.maxStreams,
                  [this](const Endpoint& endpoint) { return m_claims.awaits(endpoint); })
    , m_follower([this](std::string_view id) { return m_calls.find(id); },
                 [this](TrackedCall& call, const Announcement& one) { announced(call, one); }, options.linger)
{}

void CallAssembler::setFile(std::uint32_t index, const std::string& name)
{
    m_files.resize(std::max<std::size_t>(m_files.size(), index + 1));
    m_files[index] = name;
    m_file = index;
    m_collector.setFile(index);
}

void CallAssembler::sip(const SipMessage& message, const Datagram& datagram)
{
    TrackedCall* call = m_calls.find(message.callId());
    if (call != nullptr && DialogFollower::reopens(*call, message)) {
        handOut(*call);
        call = nullptr;
    } else if (call == nullptr) {
        const auto news = m_calls.newsAfterEnd(message.callId(), message.cseq(), message.fromTag());
        const bool invite = message.isRequest() && message.method() == "INVITE" && message.toTag().empty();
        if (news && !(invite && *news))
            return;
    }
    if (call == nullptr) {
        if (!DialogFollower::opensCall(message))
            return;
        if (m_calls.size() >= m_options.maxCalls) {
            m_refusedCalls.add(std::hash<std::string_view>{}(message.callId()), m_stats->refusedCalls);
            return;
        }
        call = &m_calls.add(message.callId());
        call->firstFile = m_file;
    }
    call->lastFile = m_file;
    m_follower.apply(*call, message, datagram);
    m_calls.schedule(*call);
}

void CallAssembler::moveTo(UtcTime now)
{
    const bool first = m_now == UtcTime{};
    const bool back = now < m_now;
    m_now = now;
    if (first || back) {
        m_nextSweep = now + kSweepEvery;
        return;
    }
    while (TrackedCall* call = m_calls.nextDue(now))
        expire(*call);
    if (now >= m_nextSweep) {
        m_nextSweep = now + kSweepEvery;
        m_calls.forgetEnded(now);
        sweep(now, false);
    }
}

std::vector<OpenCall> CallAssembler::openCalls()
{
    std::vector<OpenCall> open;
    m_calls.each([&](const TrackedCall& call) {
        if (!call.over && call.inviteSeen)
            open.push_back({call.out.callId, call.out.caller.number, call.out.callee.number,
                            call.out.firstPacket, call.out.answered});
    });
    return open;
}

UtcTime CallAssembler::oldest()
{
    UtcTime oldest = UtcTime::max();
    m_calls.each([&](const TrackedCall& call) { oldest = std::min(oldest, call.out.firstPacket); });
    for (const CollectedStream& stream : m_collector.streams())
        if (stream.owner.score == 0) // else it was handed out with its call
            oldest = std::min(oldest, stream.first);
    return oldest;
}

/// Over and lingered: out. Idle: out, unless its media still runs.
void CallAssembler::expire(TrackedCall& call)
{
    if (!call.over) {
        UtcTime last = call.lastSignalling;
        for (const Matched& one : matches(call))
            last = std::max(last, one.stream->last);
        if (last > call.lastSignalling && call.due < last + seconds(DialogFollower::kAnsweredIdle) &&
            m_now < last + seconds(DialogFollower::kAnsweredIdle)) {
            call.due = last + seconds(DialogFollower::kAnsweredIdle);
            m_calls.schedule(call);
            return;
        }
    }
    handOut(call);
}

void CallAssembler::announced(TrackedCall& call, const Announcement& one)
{
    claim(call, one.rtp, one.since);
    if (one.behindNat != one.rtp)
        claim(call, one.behindNat, one.since);
}

/// A new call at these endpoints: what runs there from before was of another one, even under the same SSRC.
void CallAssembler::claim(TrackedCall& call, const Endpoint& endpoint, UtcTime since)
{
    constexpr seconds kBefore{2};
    const std::vector<TrackedCall*>& claimants = m_claims.at(endpoint);
    const bool own = std::find(claimants.begin(), claimants.end(), &call) != claimants.end();
    const bool shared =
        std::any_of(claimants.begin(), claimants.end(), [](const TrackedCall* c) { return !c->over; });
    m_claims.add(endpoint, call);
    if (own || !call.inviteSeen)
        return;
    std::vector<CollectedStream*> old;
    for (const auto& [serial, stream] : m_collector.at(endpoint)) {
        const bool before = stream->first < since - kBefore;
        if (stream->open && before && (!shared || stream->last < since - kBefore))
            old.push_back(stream);
        if (old.size() >= kMaxLooked)
            break;
    }
    for (CollectedStream* stream : old)
        m_collector.close(*stream);
}

bool CallAssembler::awaited(const CollectedStream& stream) const
{
    if (m_claims.awaits(stream.key.from) || m_claims.awaits(stream.key.to))
        return true;
    // The way back of an awaited stream, from another port of the same host.
    std::size_t looked = 0;
    for (const auto& [serial, other] : m_collector.at(stream.key.to)) {
        if (other->key.from == stream.key.to && other->key.to.address == stream.key.from.address &&
            m_claims.awaits(other->key.to))
            return true;
        if (++looked >= 64)
            break;
    }
    return false;
}

/// Streams that nobody claims and that fell silent are conversations without signalling; `all`: silent or
/// not.
void CallAssembler::sweep(UtcTime now, bool all)
{
    std::vector<CollectedStream*> idle;
    std::vector<CollectedStream*> gone;
    bool ripe = all;
    for (CollectedStream& stream : m_collector.streams()) {
        const auto silence = now - stream.last;
        if (!all && (silence <= RtpCollector::kGap || awaited(stream)))
            continue;
        if (stream.owner.score > 0) {
            gone.push_back(&stream);
        } else {
            idle.push_back(&stream);
            ripe = ripe || silence > RtpCollector::kGap + kSweepEvery; // its way back is silent by then too
        }
    }
    for (CollectedStream* stream : gone)
        m_collector.remove(*stream);
    if (!ripe)
        return;
    for (BareGroup& group : groupBare(idle)) {
        const Endpoint& end = group.streams.front()->key.from;
        const Endpoint& far = group.streams.front()->key.to;
        const auto& around = m_collector.at(end);
        const bool busy = !all && around.size() <= kMaxLooked &&
                          std::any_of(around.begin(), around.end(), [&](const auto& one) {
                              return one.second->owner.score == 0 &&
                                     now - one.second->last <= RtpCollector::kGap &&
                                     (one.second->key.from == far || one.second->key.to == far);
                          });
        if (!busy)
            handOutBare(std::move(group), !all, m_phone.has_value());
    }
}

void CallAssembler::handOutBare(BareGroup group, bool silent, bool phone)
{
    if (isBareCall(group)) {
        CapturedCall call = bareCall(group);
        call.endSeen = silent;
        for (std::size_t i = 0; i < call.streams.size(); ++i) // of the group, in its order
            addExtraKeys(call.streams[i].rtp, m_options.extraKeys, mayBeEncrypted(*group.streams[i]));
        if (phone)
            call.origin = CallOrigin::PhoneFile;
        std::uint32_t firstFile = group.streams.front()->firstFile;
        std::uint32_t lastFile = firstFile;
        for (const CollectedStream* one : group.streams)
            lastFile = std::max(lastFile, one->lastFile);
        deliver(std::move(call), firstFile, lastFile);
    } else {
        for (const CollectedStream* one : group.streams)
            m_stats->strayRtp += one->packets;
    }
    for (CollectedStream* stream : group.streams)
        m_collector.remove(*stream);
}

void CallAssembler::endFile()
{
    std::vector<CollectedStream*> streams;
    for (CollectedStream& stream : m_collector.streams()) {
        if (stream.firstFile != m_file)
            continue;
        if (!hasPhonePorts(stream.key.from, stream.key.to))
            return;
        streams.push_back(&stream);
    }
    std::vector<TrackedCall*> calls;
    m_calls.each([&](TrackedCall& call) {
        if (call.firstFile == m_file)
            calls.push_back(&call);
    });
    if (streams.empty() || calls.size() > 1)
        return;
    if (!calls.empty()) {
        calls.front()->out.origin = CallOrigin::PhoneFile;
        handOut(*calls.front());
        return;
    }
    for (BareGroup& group : groupBare(streams))
        handOutBare(std::move(group), false, true);
}

void CallAssembler::finish()
{
    while (TrackedCall* call = m_calls.earliest())
        handOut(*call);
    sweep(m_now, true);
    m_stats->lateRtp += m_collector.late() - m_lateCounted;
    m_lateCounted = m_collector.late();
    m_now = {};
    m_nextSweep = {};
}

void CallAssembler::deliver(CapturedCall&& call, std::uint32_t firstFile, std::uint32_t lastFile)
{
    for (std::uint32_t i = firstFile; i <= lastFile && i < m_files.size(); ++i)
        call.files.push_back(m_files[i]);
    if (m_phone && !isExchangeDialog(call.callId, m_phone->guid)) {
        call.origin = CallOrigin::PhoneFile;
        call.guid = m_phone->guid;
        call.deviceId = m_phone->deviceId;
    }
    if (call.origin == CallOrigin::PhoneFile) {
        for (const CallStream& one : call.streams) {
            if (hasPhonePorts(one.rtp.from, one.rtp.to))
                call.localParty = isLocalSpeech(one.rtp.from) ? one.speaker : other(one.speaker);
        }
    }
    m_emit(std::move(call));
}

} // namespace sr::capture
