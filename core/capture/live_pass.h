// SPDX-License-Identifier: GPL-3.0-or-later
// What the tracking thread of a live capture does: packets in order of time, calls out as they end.
#pragma once

#include "core/capture/call_tracker.h"
#include "core/capture/capture_copy.h"
#include "core/capture/live_log.h"
#include "core/capture/packet_decoder.h"
#include "core/capture/packet_merger.h"

namespace sr::capture {

/// One thread.
class LivePass {
public:
    /// Packets of several interfaces are put in order among those that come within this time.
    static constexpr milliseconds kReorder{300};
    /// The tracker's time stays so far behind the clock, so that no packet on its way is older.
    static constexpr seconds kBehind{2};

    struct Options {
        ReadOptions read;
        std::size_t interfaces = 1;
        std::string source;                ///< what the calls came from, in words
        std::unique_ptr<CaptureCopy> copy; ///< null: none
        LiveLog* log = nullptr;            ///< outlives the pass; null: a crash loses the calls that run
        std::function<void(const Error&)> failed; ///< media is missing from then on, or the copy ends here
    };
    LivePass(Options options, CallSink sink);

    void add(std::size_t interface, PacketBatch&& batch) { m_merger.add(interface, std::move(batch)); }
    /// Looks at what was added and has its place by now; calls whose time is over go out.
    void advance(UtcTime now);
    /// Everything goes out; nothing may come behind.
    void finish();

    std::vector<OpenCall> openCalls() const
    {
        return m_chain ? m_chain->tracker.openCalls() : std::vector<OpenCall>();
    }
    CaptureStats stats() const;

private:
    /// Everything that reaches the tracker reaches the log.
    class LoggedSink final : public DatagramSink {
    public:
        LoggedSink(LiveLog* log, DatagramSink& next)
            : m_log(log)
            , m_next(&next)
        {}
        void take(const Datagram& datagram) override { takeAll({&datagram, 1}); }
        void takeAll(std::span<const Datagram> datagrams) override
        {
            if (m_log != nullptr)
                m_log->add(datagrams);
            m_next->takeAll(datagrams);
        }

    private:
        LiveLog* m_log;
        DatagramSink* m_next;
    };
    /// From frames to calls; made anew when its spool failed.
    struct Chain {
        Chain(std::unique_ptr<Spool> place, const ReadOptions& options, const CallSink& sink, LiveLog* log)
            : spool(std::move(place))
            , tracker(*spool, options, sink)
            , logged(log, tracker)
            , decoder(logged)
        {}
        std::unique_ptr<Spool> spool;
        CallTracker tracker;
        LoggedSink logged;
        PacketDecoder decoder;
    };
    std::unique_ptr<Chain> newChain();
    void handOut(UtcTime until);
    void endChain();
    void complain(const Error& error) const;
    void keepLog(UtcTime now);
    void flushCopy();

    Options m_options;
    CallSink m_sink;
    PacketMerger m_merger;
    CaptureStats m_before;          ///< of chains that failed
    std::unique_ptr<Chain> m_chain; ///< null once finished
    UtcTime m_synced{};             ///< the log, last
};

} // namespace sr::capture
