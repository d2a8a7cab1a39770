// SPDX-License-Identifier: GPL-3.0-or-later
// Joins followed dialogs with collected streams and hands out whole calls; one of it for all ordinary
// captures, another one for each phone-written file.
#pragma once

#include "core/capture/bare_rtp.h"
#include "core/capture/call_table.h"
#include "core/capture/capture_reader.h"
#include "core/capture/dialog_follower.h"
#include "core/capture/media_matcher.h"
#include "core/capture/phone_file.h"
#include "core/capture/refused.h"
#include "core/capture/rtp_collector.h"

#include <optional>
#include <string>
#include <vector>

namespace sr::capture {

/// Capture thread only.
class CallAssembler {
public:
    using Emit = std::function<void(CapturedCall&&)>;

    /// `phone`: everything comes from this phone-written file.
    CallAssembler(Spool& spool, const ReadOptions& options, CaptureStats& stats, Emit emit,
                  std::optional<PhoneFileName> phone);

    void setFile(std::uint32_t index, const std::string& name);
    void sip(const SipMessage& message, const Datagram& datagram);
    /// `tag`: RtpCollector::tagOf()
    void rtp(const Datagram& datagram, std::uint64_t tag)
    {
        if (!m_collector.takeNext(datagram, tag) && !m_collector.take(datagram, tag))
            m_refusedStreams.add(tag, m_stats->refusedStreams);
    }
    void prefetch(std::span<const std::uint64_t> tags) const { m_collector.prefetch(tags); }
    /// Capture time has come this far: calls whose linger is over go out.
    void advance(UtcTime now)
    {
        if (now > m_now || now < m_now - kBackwards)
            moveTo(now);
    }
    std::vector<OpenCall> openCalls();
    UtcTime oldest(); ///< first packet of what is kept; UtcTime::max() if nothing is
    /// The file is over: if it has the looks of a phone-written one, its call goes out as such.
    void endFile();
    void finish();
    const Status& status() const { return m_collector.status(); }

private:
    static constexpr seconds kBackwards{60}; ///< capture time that jumps back further starts anew
    struct Matched {
        CollectedStream* stream;
        Match match;
    };
    void moveTo(UtcTime now);
    void announced(TrackedCall& call, const Announcement& one);
    void claim(TrackedCall& call, const Endpoint& endpoint, UtcTime since);
    void expire(TrackedCall& call);
    void handOut(TrackedCall& call);
    std::vector<Matched> matches(const TrackedCall& call);
    void addReverse(const TrackedCall& call, std::vector<Matched>& matched);
    bool rivalled(const TrackedCall& call, const CollectedStream& stream, const Match& match) const;
    void takeStreams(TrackedCall& call, std::vector<Matched> matched);
    void takeLeftovers(TrackedCall& call); ///< phone files: all media is of the one call
    void takeByHosts(TrackedCall& call);
    bool awaited(const CollectedStream& stream) const;
    void sweep(UtcTime now, bool all);
    void handOutBare(BareGroup group, bool silent, bool phone);
    void deliver(CapturedCall&& call, std::uint32_t firstFile, std::uint32_t lastFile);

    ReadOptions m_options;
    CaptureStats* m_stats;
    Emit m_emit;
    std::optional<PhoneFileName> m_phone;
    CallTable m_calls;
    MediaClaims m_claims;
    RtpCollector m_collector;
    DialogFollower m_follower;
    std::vector<std::string> m_files;
    std::uint32_t m_file = 0;
    UtcTime m_now{};
    UtcTime m_nextSweep{};
    std::uint64_t m_lateCounted = 0;
    Refused m_refusedCalls;
    Refused m_refusedStreams;
};

} // namespace sr::capture
