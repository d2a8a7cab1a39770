// SPDX-License-Identifier: GPL-3.0-or-later
// Finished records on the disk until each of their receivers has them.
//
//   <dir>/lock               held while the outbox lives
//   <dir>/out-<number>.cdr   segments: frames in the order of their numbers; the name has that of the first
//   <dir>/cursor             number of the last record that CDR0 does not wait for any more
//   <dir>/cursor-1           the same of CDR1
//   <dir>/undelivered.xml    records that CDR0 refused, one on a line
//   <dir>/undelivered-1.xml  the same of CDR1
//   <dir>/open               records of calls that run (open_calls.h)
#pragma once

#include "core/cdr/frames.h"
#include "core/cdr/open_calls.h"
#include "core/cdr/record_source.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sr::cdr {

inline constexpr unsigned kInterfaces = 2; ///< CDR0 and CDR1, as the reference has them

struct OutboxOptions {
    /// Interfaces that have a receiver: numbers under kInterfaces. One that had none before begins with what
    /// waits for the other.
    std::vector<unsigned> interfaces = {0};
    /// Of all its files together; 0: what waits for a receiver has all of the disk, what waits for none 1
    /// GiB.
    std::uint64_t bytesMost = 0;
    std::uint64_t segmentBytes = 16ULL * 1024 * 1024; ///< then the next begins
    /// Nobody takes the records now: at `bytesMost` the oldest go. Else new ones are lost, and that is told.
    bool keepNewest = false;
    /// What goes wrong, once until it goes well again: CdrErrc::Full, Damaged, TooLarge, and errors of the
    /// disk. On the writer's thread, or that of next().
    std::function<void(const Error&)> problem = {};
    /// How a segment is written; File::writeAt() unless a test knows better.
    std::function<Status(File&, std::uint64_t, ByteView)> write = {};
};

class Outbox;

/// What is not delivered to one receiver yet. Blocks on the disk.
class OutboxReader final : public RecordSource {
public:
    OutboxReader(Outbox& box, unsigned interface)
        : m_box(box)
        , m_interface(interface)
    {}
    std::optional<Item> next(std::size_t ahead = 0) override;
    void delivered(const Item& item) override;
    Status setAside(const Item& item) override;
    void setAvailable(std::function<void()> available) override;

private:
    friend class Outbox;
    struct Segment {
        std::uint64_t first = 0; ///< number of its first record
        std::uint64_t bytes = 0; ///< that are on the disk
    };
    bool load();
    std::optional<Segment> segmentToRead();
    void tell();

    Outbox& m_box;
    const unsigned m_interface;
    std::deque<Item> m_items;
    std::uint64_t m_readSegment = 0; ///< its first number
    std::uint64_t m_readAt = 0;      ///< [octets] in it

    std::uint64_t m_cursor = 0;        ///< under the outbox's mutex
    std::uint64_t m_cursorWritten = 0; ///< the writer's

    std::mutex m_availableMutex; // guards
    std::function<void()> m_available;
};

/// Each record gets a number and stays until every reader called delivered() or setAside(). A crash of the
/// program loses records of the last 50 ms, that of the machine no other; what was delivered shortly before a
/// crash is delivered again, so receivers go by the record's `id`. Records of calls that ran when a program
/// died follow at the next open().
class Outbox {
public:
    /// Makes the folder, private to the user. BaseErrc::Locked: another program has it; errors of the disk.
    static Result<std::unique_ptr<Outbox>> open(const Path& dir, const Clock& clock,
                                                OutboxOptions options = {});
    ~Outbox(); ///< after what was added is written
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;

    // Any thread, without waiting for the disk.
    using Stored = std::function<void(const Status&)>; ///< on the writer's thread
    /// `stored` is told once it is on the disk, or why it never will be.
    void add(SharedRecord record, Stored stored = {});
    /// Replaces what is known of calls that run; written once a second at most.
    void keepOpen(std::vector<SharedRecord> records);

    void flush(); ///< waits until what was added is on the disk, or could not be written

    /// Of an interface that has a receiver. It lives as long as the outbox.
    OutboxReader& reader(unsigned interface = 0);

private:
    friend class OutboxReader;
    using Segment = OutboxReader::Segment;
    struct Pending {
        SharedRecord record;
        Stored stored;
    };
    struct Batch {
        std::vector<Pending> fresh;
        std::optional<std::vector<SharedRecord>> open;
        std::vector<std::uint64_t> cursors; ///< of the readers
        std::uint64_t refused = 0;          ///< records that found no room in memory
    };
    using Steady = std::chrono::steady_clock;

    Outbox(Path dir, const Clock& clock, OutboxOptions options, std::unique_ptr<File> lock);
    Status recover();
    Status recoverCursors();
    Status recoverLast();
    void recoverCalls();
    Path pathOfSegment(std::uint64_t first) const;
    Path pathOfCursor(unsigned interface) const;
    Path pathOfAside(unsigned interface) const;

    void run();
    bool hasWork() const;
    void work(Batch batch, bool last);
    Status store();
    Status encode(Pending& pending);
    bool makeRoom(std::uint64_t bytes);
    Status openSegment();
    Status keepCalls(bool now);
    Status keepCursors(const std::vector<std::uint64_t>& cursors);
    void removeDelivered(std::uint64_t cursor);
    void tell(const Status& status);
    void tellReading(const Error& error);

    const Path m_dir;
    const Clock& m_clock;
    const OutboxOptions m_options;
    const std::unique_ptr<File> m_lock;

    // the writer's, and before it starts
    std::unique_ptr<File> m_file;  ///< the last segment
    std::uint64_t m_length = 0;    ///< of it, on the disk
    std::uint64_t m_last = 0;      ///< number that was given last
    Bytes m_frames;                ///< not on the disk yet
    std::vector<Stored> m_waiting; ///< for m_frames
    std::set<std::string> m_ids;   ///< in m_frames
    OpenCalls m_open;
    Steady::time_point m_openWritten{};
    bool m_retry = false;   ///< cursor or open calls could not be written
    bool m_failing = false; ///< the last try, or a record had no room; told

    std::vector<std::unique_ptr<OutboxReader>> m_readers; // do not change

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    std::condition_variable m_hurry; ///< the writer pauses, and new records do not end that
    std::condition_variable m_idle;
    std::vector<Pending> m_fresh;
    std::optional<std::vector<SharedRecord>> m_openFresh;
    std::uint64_t m_refused = 0;
    bool m_cursorsMoved = false; ///< since the writer took them
    std::deque<Segment> m_segments;
    std::uint64_t m_asideBytes = 0;
    bool m_working = false;
    unsigned m_flushing = 0;
    bool m_stop = false;

    std::thread m_thread;
};

} // namespace sr::cdr
