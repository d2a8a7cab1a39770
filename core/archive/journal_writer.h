// SPDX-License-Identifier: GPL-3.0-or-later
// This program's own journal: records of many threads in groups, one write, one signature and one fsync each.
#pragma once

#include "core/archive/journal.h"
#include "core/base/clock.h"
#include "core/base/file.h"

#include <condition_variable>
#include <functional>
#include <mutex>

namespace sr::archive {

/// Who writes into which archive.
struct JournalIdentity {
    crypto::Secret seed; ///< Ed25519 of this machine
    std::string archiveId, zone, xmlSha256;
};

class JournalWriter {
public:
    /// Takes the first journal of this machine that no living program holds; makes one if need be.
    /// `staging` is on the same volume. `clock` and `ring` are copied or outlive it. `chosen` hears the
    /// journal's id before anything is written to it; an error there ends the attempt.
    using Chosen = std::function<Status(const std::string& writer)>;
    static Result<std::unique_ptr<JournalWriter>> open(const Path& root, const JournalIdentity& identity,
                                                       const crypto::KeyRing& ring, const Path& staging,
                                                       const Clock& clock, const Chosen& chosen);
    ~JournalWriter();
    /// Before the end of a life without append() under way: false if the twin still lacks lines.
    bool close();
    void oweTwin()
    {
        m_twinOwed = true;
    } ///< a former life may have left lines out; before the first append()

    struct Appended {
        JournalRef ref;
        std::int64_t timeMs = 0;
    };
    /// Fills seq and time; on return the record is signed and on the disk. Any thread.
    Result<Appended> append(JournalRecord record);
    const std::string& id() const { return m_id; }
    std::uint64_t end() const; ///< [octets] of what is durable
    /// [octets] of what former lives wrote.
    std::uint64_t begin() const { return m_begin; }

    JournalWriter(const JournalWriter&) = delete;
    JournalWriter& operator=(const JournalWriter&) = delete;

private:
    struct Group;
    JournalWriter() = default;
    Status create(const Path& root, const JournalIdentity& identity, const crypto::Key& key,
                  const Path& staging);
    Status resume(const crypto::KeyRing& ring, const std::string& archiveId);
    Status flush(Group& group);
    void endTwinLine();
    void writeTwin(const std::string& lines);

    Path m_root;
    const Clock* m_clock = nullptr;
    std::string m_id;
    std::uint64_t m_begin = 0;
    std::shared_ptr<const crypto::SigningKey> m_signer;
    crypto::Secret m_key;
    Path m_twinPath;
    std::unique_ptr<File> m_lock, m_file, m_twin;
    bool m_twinOwed = false; ///< lines did not reach the twin; writing thread only

    mutable std::mutex m_mutex; // guards what follows
    std::condition_variable m_flushed;
    bool m_busy = false; ///< a thread is writing a group
    std::shared_ptr<Group> m_group;
    std::uint64_t m_seq = 0;
    ChainValue m_head{};
    std::uint64_t m_durableSeq = 0;
    ChainValue m_durableHead{};
    std::uint64_t m_end = 0;
};

/// Adds to the twin what the end of this journal says and the twin does not. Nobody else writes the journal
/// meanwhile.
Status completeTwin(const Path& root, const std::string& writer, ByteSource& journal);

/// After the writer's program died: cuts records that were never acknowledged off its journal and adds lines
/// that its twin lacks. Leaves alone what is held by a living program or looks manipulated.
Status repairJournal(const Path& root, const std::string& writer, const crypto::KeyRing& ring);

} // namespace sr::archive
