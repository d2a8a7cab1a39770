// SPDX-License-Identifier: GPL-3.0-or-later
// Which stream belongs to which call, who speaks in it, and what its payload types and keys are over time.
#pragma once

#include "core/capture/rtp_collector.h"
#include "core/capture/tracked_call.h"

#include <optional>
#include <unordered_map>

namespace sr::capture {

/// How well a stream fits a call. Higher is better; 0 does not fit.
struct Match {
    int score = 0;
    Party speaker = Party::Caller;
    UtcTime since{};        ///< of the announcement that it fits
    std::optional<Hop> hop; ///< where that was said
    bool audio = true;      ///< false: only announcements of other media fit it, or fit it better
};

/// By the announced endpoint of either side as source or destination (symmetric RTP behind NAT changes one
/// of them), else by the signalling address with the announced port; only while the announcement holds.
Match matchStream(const TrackedCall& call, const CollectedStream& stream);

/// Whether another claim on the stream is to be preferred: it fits better, or as well and later on the same
/// hop. Two calls of a back-to-back agent whose media runs direct share their streams.
bool preferred(const StreamOwner& rival, const Match& mine, const CollectedStream& stream);
StreamOwner ownerOf(const Match& match);

/// Formats as the receiver declared them (RFC 3264 §6.1), then the sender's for types that the receiver left
/// out, then static ones that were seen; keys of the sender (RFC 4568 §6.1) and, behind them, its former
/// ones.
std::vector<rtp::MediaEpoch> epochsOf(const TrackedCall& call, const CollectedStream& stream,
                                      const Match& match);

/// Calls by the endpoints they await media at. Capture thread.
class MediaClaims {
public:
    void add(const Endpoint& endpoint, TrackedCall& call);
    void remove(const TrackedCall& call);
    bool awaits(const Endpoint& endpoint) const { return m_calls.contains(endpoint); }
    const std::vector<TrackedCall*>& at(const Endpoint& endpoint) const;
    bool empty() const { return m_calls.empty(); }

private:
    std::unordered_map<Endpoint, std::vector<TrackedCall*>> m_calls;
    std::unordered_map<const TrackedCall*, std::vector<Endpoint>> m_endpoints;
};

} // namespace sr::capture
