// SPDX-License-Identifier: GPL-3.0-or-later
// Moves a tracked call on by one SIP message: RFC 3261 dialogs seen from outside, on any hop, in doubles.
#pragma once

#include "core/capture/packet_flow.h"
#include "core/capture/sip_message.h"
#include "core/capture/tracked_call.h"

#include <functional>

namespace sr::capture {

/// Capture thread only.
class DialogFollower {
public:
    static constexpr seconds kRetry{120};    ///< chosen: people type passwords; 33 and 51 s seen
    static constexpr seconds kCancelled{32}; ///< for the final answer, 64 * T1
    static constexpr std::chrono::minutes kUnansweredIdle{10};
    static constexpr std::chrono::hours kAnsweredIdle{4};

    /// Finds another open call for REFER and Replaces; null if there is none.
    using Lookup = std::function<TrackedCall*(std::string_view callId)>;
    /// Told of media endpoints as they become known.
    using Announced = std::function<void(TrackedCall&, const Announcement&)>;

    /// `linger`: for late media and answers after the end.
    DialogFollower(Lookup lookup, Announced announced, milliseconds linger);

    /// Whether a message of an unknown Call-ID starts following a call.
    static bool opensCall(const SipMessage& message) noexcept;
    /// Whether a message of a call that ended starts another one under the same Call-ID.
    static bool reopens(const TrackedCall& call, const SipMessage& message);

    void apply(TrackedCall& call, const SipMessage& message, const Datagram& datagram);

private:
    struct Step; ///< one message with what is asked of it again and again

    static Party sender(TrackedCall& call, const SipMessage& message);
    static bool firstTime(TrackedCall& call, const SipMessage& message);
    static void keep(TrackedCall& call, const Step& step);
    void request(TrackedCall& call, const Step& step);
    void response(TrackedCall& call, const Step& step);
    void invite(TrackedCall& call, const Step& step);
    void reinvite(TrackedCall& call, const Step& step);
    static void followed(TrackedCall& call, const Step& step);
    void inviteAnswer(TrackedCall& call, const Step& step);
    void provisional(TrackedCall& call, const Step& step);
    void accepted(TrackedCall& call, const Step& step);
    void refused(TrackedCall& call, const Step& step);
    static void acknowledged(TrackedCall& call, const Step& step);
    static void proven(TrackedCall& call, const Step& step);
    static void answer(TrackedCall& call, const Step& step, UtcTime at);
    static void takeBack(TrackedCall& call);
    static void identify(TrackedCall& call, const Step& step);
    void refer(TrackedCall& call, const Step& step);
    void replaces(TrackedCall& call, const Step& step);
    void bye(TrackedCall& call, const Step& step) const;
    static void holdOrRetrieve(TrackedCall& call, const Step& step, const sdp::SessionDescription& offer);
    static void end(TrackedCall& call, UtcTime at, milliseconds linger);
    void media(TrackedCall& call, const Step& step, bool offer);
    static Announcement announcement(const Step& step, const sdp::Media& media);
    void announce(TrackedCall& call, std::vector<Announcement> fresh);
    static void withdraw(TrackedCall& call, Party side, std::uint32_t cseq);

    Lookup m_lookup;
    Announced m_announced;
    milliseconds m_linger;
};

} // namespace sr::capture
