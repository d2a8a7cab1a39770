// SPDX-License-Identifier: GPL-3.0-or-later
// What a live capture keeps on the disk of calls that are not in the archive yet, so that a crash loses none
// of them: datagrams in segments, and what has been archived since.
//
//   <dir>/lock            held while the capture lives
//   <dir>/live-<n>.pcap   SIP and RTP in the order of capture; gone once all its calls are archived
//   <dir>/done-<n>        calls archived while that was written; gone once no segment knows of them
#pragma once

#include "core/base/file.h"
#include "core/base/io.h"
#include "core/capture/capture_reader.h"
#include "core/capture/packet_flow.h"
#include "core/capture/pcap_writer.h"

#include <deque>
#include <mutex>
#include <optional>
#include <set>

namespace sr::capture {

/// add() and sync() on the tracking thread, the others on any.
class LiveLog {
public:
    static constexpr std::uint64_t kSegmentBytes = 64 * 1024 * 1024; ///< chosen

    /// A new folder in `parent`, which is made, private to the user.
    static Result<std::unique_ptr<LiveLog>> create(const Path& parent,
                                                   std::uint64_t segmentBytes = kSegmentBytes);
    /// The folder goes if every call that was handed out is archived; else it is left for recovery.
    ~LiveLog();
    LiveLog(const LiveLog&) = delete;
    LiveLog& operator=(const LiveLog&) = delete;

    void add(std::span<const Datagram> datagrams); ///< SIP and RTP of them, into memory
    /// To the file, so that a crash of the program loses nothing before. Errors: as sync().
    Status write();
    /// To the disk; segments of which no call is left go. `oldest`: first packet of what the tracker holds,
    /// UtcTime::max() if nothing. The first error stays: nothing is kept from then on.
    Status sync(UtcTime oldest);

    void handedOut(const CapturedCall& call); ///< must be archived before its packets may go
    void archived(const CapturedCall& call);  ///< or not to be kept

private:
    struct Segment {
        Path path;
        UtcTime first = UtcTime::max(); ///< [first, last] of its packets
        UtcTime last = UtcTime::min();
    };
    LiveLog(Path dir, std::unique_ptr<File> lock, std::uint64_t segmentBytes);
    /// Lists are not read back: thousands of short calls fit into one segment, and memory is not to grow with
    /// them.
    struct DoneList {
        Path path;
        UtcTime last = UtcTime::min(); ///< packet of its calls
    };
    Status newSegment();
    Status writeDone();
    Status trim(UtcTime oldest);
    UtcTime oldestWaiting() const;

    const Path m_dir;
    const std::uint64_t m_segmentBytes;
    std::unique_ptr<File> m_lock;

    // the tracking thread's
    std::deque<Segment> m_segments; ///< the last one is being written
    std::unique_ptr<File> m_file;
    MemorySink m_memory; ///< what the next sync() writes
    std::optional<PcapWriter> m_writer;
    std::uint64_t m_written = 0; ///< of the last segment [octets]
    bool m_unsynced = false;     ///< something was written there that may not be on the disk yet
    std::deque<DoneList> m_done; ///< the last one is being written
    std::unique_ptr<File> m_doneFile;
    Status m_status;

    mutable std::mutex m_mutex;          // guards what follows
    std::multiset<UtcTime> m_waiting;    ///< first packets of calls that are handed out and not archived
    std::string m_news;                  ///< lines of calls archived since the last sync()
    UtcTime m_newsLast = UtcTime::min(); ///< packet of them
};

/// The parent of the logs for one archive: `<config>/spool/<archive id>`.
inline Path liveLogDir(const Path& configDir, const std::string& archiveId)
{
    return configDir / "spool" / pathOf(archiveId);
}

/// Folders in `parent` whose capture died, or ended with calls that the archive refused.
std::vector<Path> deadLiveLogs(const Path& parent);

/// Hands out every call of such a folder that is not archived, as far as it was captured. One thread at a
/// time for each folder: Locked if another program is at it. The folder stays.
Status recoverLiveLog(const Path& dir, const ReadOptions& options, const CallSink& sink);

} // namespace sr::capture
