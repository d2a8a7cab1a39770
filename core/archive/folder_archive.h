// SPDX-License-Identifier: GPL-3.0-or-later
// The archive behind archive.h: state that commit, convert, catch-up, rotation and verify share.
#pragma once

#include "core/archive/archive.h"
#include "core/archive/catalog.h"
#include "core/archive/claims.h"
#include "core/archive/instance.h"
#include "core/archive/job.h"
#include "core/archive/journal_writer.h"
#include "core/archive/staged_audio.h"
#include "core/archive/store.h"
#include "core/archive/zone.h"

#include <mutex>
#include <unordered_map>

namespace sr::archive {

/// For tests: told after each durable step of a change; an error stands for a disk that failed there.
struct ArchiveSeams {
    std::function<Status(std::string_view step)> onStep;
};
Result<std::unique_ptr<Archive>> openArchive(const Path& root, const ArchiveOptions& options,
                                             const crypto::MachineSecrets& secrets, const Clock& clock,
                                             ArchiveSeams seams);

/// A sealed sidecar as it stands in the tree. `uid` is that of the seal.
struct ReadSidecar {
    Sidecar sidecar;
    std::string uid;
};
Result<ReadSidecar> readSidecarFile(Store& store, const std::string& file, const crypto::KeyRing& ring);
/// Row of a file without sidecar, from its name (decisions.md 23).
RecordingRow rowFromName(const RecordingName& name, const std::string& file, MediaFormat format,
                         std::uint64_t bytes, const Zone& zone);
/// `YYYY_MM`
bool isMonthFolder(std::string_view name);
/// Clear bytes of an archive file, sealed or not; `sealedUid` is empty if it is not.
struct ClearSource {
    std::unique_ptr<ByteSource> bytes;
    std::string sealedUid;
};
Result<ClearSource> clearOf(std::unique_ptr<ByteSource> source, const crypto::KeyRing& ring);
/// Reads through. ArchiveErrc::Altered or what unsealing says; BaseErrc::Io is the device's fault.
Status checkContent(ByteSource& clear, std::uint64_t bytes, const std::string& sha256);
struct JournalKnowledge;
/// File name to stem and extension.
std::pair<std::string, std::string> splitFile(std::string_view file);

class FolderArchive final : public Archive {
public:
    static Result<std::unique_ptr<FolderArchive>> open(const Path& root, const ArchiveOptions& options,
                                                       const crypto::MachineSecrets& secrets,
                                                       const Clock& clock, ArchiveSeams seams);
    ~FolderArchive() override;

    const Path& root() const override { return m_root; }
    const std::string& id() const override { return m_id; }
    const std::string& timeZone() const override { return m_zone->id(); }
    bool wasCreated() const override { return m_created; }
    void stampLocal(UtcTime time, RecordingName& name, int& utcOffsetMinutes) const override;

    Result<std::unique_ptr<Draft>> draft(const std::string& uid, MediaFormat format, bool seal) override;
    Result<RecordingRow> commitCall(Recording unanswered) override;
    Result<std::optional<RecordingRow>> findDuplicate(const std::string& uid,
                                                      const std::string& fingerprint) override;
    Result<RecordingRow> convert(const std::string& uid, MediaFormat to, bool seal,
                                 const Filler& fill) override;
    Result<RecordingRow> mark(const std::string& uid, const CallMark& mark) override;
    Path spoolDir() const override;

    Result<std::vector<RecordingRow>> page(const RecordingFilter& filter, std::uint64_t offset,
                                           std::uint64_t limit) override;
    Result<std::uint64_t> count(const RecordingFilter& filter) override;
    Result<std::vector<std::pair<int, int>>> months() override;
    Result<RecordingRow> row(const std::string& uidOrName) override;
    Result<Recording> recording(const std::string& uid) override;
    Result<std::unique_ptr<ByteSource>> openAudio(const std::string& uid) override;
    Result<Integrity> checkIntegrity(const std::string& uid) override;

    Result<VerifyReport> verify(Progress& progress) override;
    Result<std::uint64_t> reindex(Progress& progress) override;
    Status catchUp() override;
    Result<std::uint64_t> rotateKeys(Progress& progress) override;
    Status saveSealedRing(const crypto::KeyRing& ring) override;

    /// Commits what was written; `audio` null for a call record.
    Result<RecordingRow> commit(Recording recording, StagedAudio* audio, MediaFormat format);

private:
    struct Chosen {
        std::unique_ptr<Claim> claim;
        std::optional<RecordingRow> duplicate;
    };
    /// A recording that nobody else changes meanwhile.
    struct Held {
        std::unique_ptr<Claim> claim;
        Sidecar sidecar;
    };
    class InFlight;

    FolderArchive(Path root, const crypto::MachineSecrets& secrets, const Clock& clock, ArchiveSeams seams);
    // open
    Status loadXml(const ArchiveOptions& options);
    Status createXml(const ArchiveOptions& options);
    Status openOriginal(const ArchiveOptions& options);
    Status makeReady();
    bool treeHasChanged() const;
    Result<JournalHeader> headerFromJournals();
    Status startInstance();
    // state
    Status step(std::string_view name) const;
    /// The one way to a key that seals or signs here: TMP/keyring.sealed holds it by then, durably.
    Result<const crypto::Key*> sealingKey(crypto::KeyPurpose purpose);
    Result<JournalWriter*> writer();
    Status needInstance() const;
    Path recDir() const { return m_root / "REC"; }
    // commit
    Result<Chosen> chooseUid(Recording& recording);
    Result<std::vector<RecordingRow>> rowsOfGuid(const std::string& guid);
    std::vector<RecordingRow> rowsWaiting(const std::string& guid);
    void noteAbsent(const std::string& guid, std::uint64_t changes);
    /// Whether the catalog had no row of it when it was last looked for, once, and has not changed since.
    bool wasAbsent(const std::string& guid, std::uint64_t changes);
    bool nameIsTaken(const RecordingName& name) const;
    Result<std::unique_ptr<StagedAudio>> stage(const std::string& uid, bool seal);
    // change
    /// `purpose`: as the claim says it to other programs.
    Result<Held> hold(const std::string& uid, const std::string& purpose);
    Result<Sidecar> provenSidecar(const RecordingRow& row);
    Status checkJournaled(const Sidecar& sidecar);
    /// The sidecar as it stands in `held` now, and new audio where there is some.
    Result<RecordingRow> change(Held held, JobKind kind, StagedAudio* audio);
    // convert
    Result<std::unique_ptr<ByteSource>> provenAudio(const Sidecar& sidecar);
    // jobs
    Result<JournalRef> journal(const Sidecar& sidecar, JournalKind kind);
    Status putSidecar(const Sidecar& sidecar, Store::IfThere ifThere);
    /// `again`: after a crash, when an older line may speak of this revision. `passed`: the step that ends
    /// it.
    Status journalThenSidecar(Sidecar& sidecar, JournalKind kind, bool again, std::string_view passed);
    Result<Bytes> sealedSidecar(const Sidecar& sidecar);
    Status beginJob(const Job& job);
    /// `fresh`: the job's sidecar where it is still at hand; null reads it from the job.
    Status carryOut(const Job& job, const Path& dir, bool again, const Sidecar* fresh);
    Status carryOutCommit(const Job& job, const Path& dir, bool again, const Sidecar* fresh);
    Status carryOutConvert(const Job& job, const Path& dir, bool again, const Sidecar* fresh);
    Status carryOutRevise(const Job& job, bool again, const Sidecar* fresh);
    Status runJob(const Job& job, std::unique_ptr<Claim> claim, const Sidecar* fresh = nullptr);
    Status retryUnfinished();
    Status adoptDead();
    Status adopt(DeadInstance& dead);
    // sealed ring
    Status holdInSealedRing(const crypto::KeyRing& ring, const std::vector<crypto::KeyId>& needed);
    Result<Bytes> ringWith(const crypto::KeyRing& ring, const std::vector<crypto::KeyId>& needed) const;
    Result<std::unique_ptr<Claim>> claimRing();
    Status carryOutRing(const Job& job);
    /// Carries out what an instance began and gives its claim up.
    Status finishRing(const Path& dir, const std::string& instance);
    // catalog
    void pushRow(const Recording& recording);
    Status flushRows();
    Status applied(const Catalog::Batch& batch);
    Status followOthers();
    Status follow(const std::string& writer, std::uint64_t size);
    std::optional<RecordingRow> rowOfStem(const std::string& stem, std::vector<std::string>* formerNames);
    Status rewrapFile(const std::string& name, const crypto::Key& key, std::uint64_t& changed);
    Status indexMonth(const std::string& folder, Catalog::Batch& batch, std::uint64_t& found);

    const Path m_root;
    const crypto::MachineSecrets& m_secrets;
    const Clock& m_clock;
    const ArchiveSeams m_seams;
    std::string m_id, m_xmlSha256;
    std::unique_ptr<Zone> m_zone;
    bool m_created = false;
    bool m_foreign = false;               ///< the tree of another recorder, read and never written
    std::unique_ptr<Instance> m_instance; ///< null where we may only read
    std::optional<Error> m_noInstance;    ///< why it is null
    std::unique_ptr<Store> m_store;
    std::unique_ptr<Catalog> m_catalog;
    std::atomic<std::uint64_t> m_counter{0}; ///< names of staged files

    // Adopting a dead program's jobs on the way to the ring may need a key itself.
    std::recursive_mutex m_ringMutex;      // m_recoverable, and the own part in keyring.sealed
    std::set<crypto::KeyId> m_recoverable; ///< found or brought there by this object

    std::mutex m_writerMutex; // m_writer
    std::unique_ptr<JournalWriter> m_writer;

    std::mutex m_rowsMutex; // rows not in the catalog yet, and commits whose rows are still to come
    std::vector<RecordingRow> m_rows;
    std::vector<std::pair<std::string, std::string>> m_formerNames;
    std::multiset<std::uint64_t> m_inFlight; ///< end of the own journal when each began [octets]
    std::mutex m_flushMutex;                 // one flush at a time

    std::atomic<bool> m_ownFollowed{false}; ///< former lives' part of the own journal is in the catalog
    std::mutex m_followMutex;               // m_positions
    JournalPositions m_positions;
    std::atomic<std::uint64_t> m_catalogChanges{0};

    std::mutex m_absentMutex; // m_absent: guids looked for in vain, and m_catalogChanges then
    std::unordered_map<std::string, std::uint64_t> m_absent;

    std::mutex m_knowledgeMutex; // m_knowledge, m_knowledgeOctets
    std::uint64_t m_knowledgeOctets = 0;
    std::unique_ptr<JournalKnowledge> m_knowledge; ///< what the journals say, since the first conversion

    std::mutex m_unfinishedMutex;            // m_unfinished
    std::vector<std::string> m_unfinished;   ///< uids whose job failed half-way (disk full)
    std::atomic<bool> m_adoptionOwed{false}; ///< the disk was full when dead programs' jobs were carried out
};

} // namespace sr::archive
