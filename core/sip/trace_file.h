// SPDX-License-Identifier: GPL-3.0-or-later
// Traced messages in a file of bounded size: `<dir>/sip-trace.txt`, the ones before in `.1` to `.3`.
#pragma once

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/sip/message_tap.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

namespace sr::sip {

inline constexpr const char* kTraceName = "sip-trace.txt";

struct TraceLimits {
    std::uint64_t fileBytes = 8U << 20U;  ///< then the next begins
    unsigned files = 4;                   ///< in all
    std::size_t waitingBytes = 4U << 20U; ///< in memory, while the disk is slow; more is lost and counted
};

/// Writes on a thread of its own, without the secrets of messages. The folder and its files are private to
/// the user.
class TraceFile {
public:
    /// Clock outlives it. Begins at once; errors stand in state().
    TraceFile(Path dir, const Clock& clock, TraceLimits limits = {});
    ~TraceFile(); ///< after what was added is written
    TraceFile(const TraceFile&) = delete;
    TraceFile& operator=(const TraceFile&) = delete;

    void add(TappedMessage message); ///< any thread, without waiting for the disk

    struct State {
        std::uint64_t messages = 0;
        std::uint64_t lost = 0;
        std::optional<Error> error = {}; ///< the last one of the disk
    };
    State state() const; ///< any thread

private:
    struct Entry {
        UtcTime time{};
        TappedMessage message;
    };
    void run();
    Status write(const std::string& text);
    Status open();
    Status rotate();
    Path pathOf(unsigned number) const;

    const Path m_dir;
    const Clock& m_clock;
    const TraceLimits m_limits;

    std::unique_ptr<File> m_file; ///< the writer's
    std::uint64_t m_bytes = 0;    ///< of it

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_wake;
    std::vector<Entry> m_entries;
    std::size_t m_waiting = 0; ///< [octets] in them
    State m_state;
    bool m_stop = false;

    std::thread m_thread;
};

} // namespace sr::sip
