// SPDX-License-Identifier: GPL-3.0-or-later
// A call while it is being followed: what will be handed out, and what only the tracker needs to know.
#pragma once

#include "core/capture/captured_call.h"
#include "core/sdp/session_description.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

namespace sr::capture {

inline Party other(Party party) noexcept
{
    return party == Party::Caller ? Party::Callee : Party::Caller;
}

/// The two ends of one signalling hop, in either direction.
struct Hop {
    Endpoint low;
    Endpoint high;
    static Hop of(const Endpoint& a, const Endpoint& b) { return a < b ? Hop{a, b} : Hop{b, a}; }
    bool operator==(const Hop&) const = default;
};

/// One section of one session description: where a party awaits media and what it may be.
struct Announcement {
    UtcTime since{};
    UtcTime until = UtcTime::max(); ///< replaced by a later one of the same party on the same hop
    Party side = Party::Caller;
    Endpoint rtp;
    Endpoint behindNat; ///< the signalling address with the same port
    Hop hop;
    rtp::PayloadMap formats;
    std::vector<rtp::SrtpKey> keys;
    bool audio = true;   ///< else video, text or the like: of the call, but not to be heard
    bool secure = false; ///< a profile of SRTP
    std::uint32_t cseq = 0;
    std::string tag; ///< of the party; tells forks apart
};

/// Transaction of an INVITE without To tag, as seen on one hop.
struct InviteBranch {
    std::string branch;
    bool finished = false;
};

struct TrackedCall {
    static constexpr std::size_t kMaxAnnouncements = 256;
    static constexpr std::size_t kMaxFlow = 256;
    static constexpr std::size_t kMaxMessages = 512;
    static constexpr std::size_t kMaxMessageOctets = 512 * 1024;

    CapturedCall out;
    std::vector<Announcement> announcements;
    std::vector<std::string> callerTags; ///< several: retries with a new tag, back-to-back hops
    std::vector<std::string> calleeTags; ///< several: forks
    std::vector<InviteBranch> branches;  ///< of the INVITE that is being tried; the first is the caller's own
    std::set<std::pair<Party, std::uint32_t>> reinvites; ///< CSeq of INVITEs inside the dialog
    std::set<std::pair<Party, std::uint32_t>>
        offerless;                        ///< INVITEs whose offer comes in the answer (RFC 3264 §4)
    std::unordered_set<std::size_t> seen; ///< hashes of what has had its flow event: doubles and other hops
    std::vector<std::string> refusedTags; ///< of final responses from 300 on
    CallParty dialled;                    ///< the callee before anybody named itself
    std::string identifiedBy;             ///< tag of who did
    std::optional<UtcTime> acked;         ///< ACK of a 2xx, or of a refusal that was not captured
    bool answerSeen = false;              ///< the 2xx itself was captured
    bool machineAnswered = false;         ///< and nobody has followed it yet
    bool answerEstimated = false;         ///< out.answered is at latest, only proven by a later request
    std::size_t messageOctets = 0;
    std::uint32_t inviteCseq = 0;
    bool inviteSeen = false; ///< without To tag; else the capture began inside the call
    bool over = false;       ///< ended, unless something still comes within the linger time
    bool held[2] = {false, false};
    std::uint64_t serial = 0; ///< order of discovery
    UtcTime lastSignalling{};
    std::uint32_t firstFile = 0; ///< index of the capture it began in
    std::uint32_t lastFile = 0;
    UtcTime due{}; ///< when to look again: linger over, or idle for too long

    bool isCallerTag(std::string_view tag) const
    {
        return std::find(callerTags.begin(), callerTags.end(), tag) != callerTags.end();
    }
    bool isCalleeTag(std::string_view tag) const
    {
        return std::find(calleeTags.begin(), calleeTags.end(), tag) != calleeTags.end();
    }
    void event(UtcTime time, FlowKind kind, Party by, std::string detail)
    {
        if (out.flow.size() < kMaxFlow)
            out.flow.push_back({time, kind, by, std::move(detail)});
    }
};

} // namespace sr::capture
