// SPDX-License-Identifier: GPL-3.0-or-later
// Datagrams in, calls out: recognises SIP and RTP by their looks, follows dialogs, collects media and hands
// out each call some seconds of capture time after it ended.
#pragma once

#include "core/capture/capture_reader.h"
#include "core/capture/packet_flow.h"
#include "core/capture/spool.h"

#include <memory>
#include <string>

namespace sr::capture {

/// Owned and called by one capture thread; `sink` is called on it from take(), beginFile() and finish().
/// Time is capture time only, so a file gives the same calls however fast it is read.
class CallTracker final : public DatagramSink {
public:
    /// `spool` outlives the tracker, not the calls it handed out.
    CallTracker(Spool& spool, const ReadOptions& options, CallSink sink);
    ~CallTracker() override;
    CallTracker(const CallTracker&) = delete;
    CallTracker& operator=(const CallTracker&) = delete;

    /// What follows comes from this capture (full path or bare name). A phone-written file is followed by
    /// itself: none of its calls goes on in another file. Without any call of this, `files` stays empty.
    void beginFile(const std::string& name);

    /// Counts in stats(): one of sipMessages, rtpPackets or ignored, and packets.
    void take(const Datagram& datagram) override;
    void takeAll(std::span<const Datagram> datagrams) override;

    /// Live: time has come this far, even without packets, and none on its way is older.
    void advance(UtcTime now);
    /// Calls with signalling that are not over, in no order.
    std::vector<OpenCall> openCalls();
    /// First packet of what has not been handed out; UtcTime::max() if there is nothing.
    UtcTime oldest();

    /// Hands out every call still open, in the order of their ends. The tracker is then empty and usable
    /// again. Error: the first one of the spool (disk full), as status().
    Status finish();

    /// First failure of the spool; media after it is missing, so that the reader should stop.
    const Status& status() const;

    /// Of datagrams that reached take(); frames that the layers below dropped are theirs to add.
    const CaptureStats& stats() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::capture
