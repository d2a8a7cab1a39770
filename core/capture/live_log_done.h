// SPDX-License-Identifier: GPL-3.0-or-later
// Which packets of a live log belong to calls that are archived already.
#pragma once

#include "core/capture/captured_call.h"
#include "core/capture/packet_flow.h"
#include "core/capture/rtp_collector.h"

#include <string>
#include <unordered_map>

namespace sr::capture {

/// The last packet of the call or its streams.
UtcTime lastOf(const CapturedCall& call);
/// A line: `C <last us> <Call-ID in hex>` and for each stream ` <first us> <last us> <from> <to> <ssrc>`.
std::string doneLine(const CapturedCall& call);

/// Lets through what is of no archived call. One thread.
class DoneFilter final : public DatagramSink {
public:
    static constexpr seconds kStragglers{64}; ///< as CallTable remembers ended calls
    static constexpr std::size_t kMostStreams = 1'000'000;

    /// `next` outlives it.
    explicit DoneFilter(DatagramSink& next)
        : m_next(&next)
    {}
    /// A list. Lines that are none, such as the last one of a crash, are passed over.
    void add(std::string_view lines);
    void take(const Datagram& datagram) override;

private:
    struct Span {
        UtcTime first{};
        UtcTime last{};
    };
    struct KeyHash {
        std::size_t operator()(const StreamKey& key) const
        {
            return hashOf(key.from) * 31 + hashOf(key.to) * 7 + key.ssrc;
        }
    };
    void read(std::string_view line);
    bool isDone(const Datagram& datagram) const;

    DatagramSink* m_next;
    std::unordered_map<std::string, UtcTime> m_calls; ///< end by Call-ID
    std::unordered_map<StreamKey, std::vector<Span>, KeyHash> m_streams;
    std::size_t m_streamCount = 0;
};

} // namespace sr::capture
