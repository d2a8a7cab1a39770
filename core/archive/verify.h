// SPDX-License-Identifier: GPL-3.0-or-later
// Verify: what the journals say, what the tree holds, and every octet of both.
#pragma once

#include "core/archive/archive.h"
#include "core/archive/journal.h"
#include "core/archive/sidecar.h"
#include "core/archive/store.h"

#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace sr::archive {

/// What the journals say of one recording in its latest revision.
struct KnownRecording {
    std::string stem;
    MediaFormat format = MediaFormat::None;
    std::uint64_t bytes = 0;
    std::string sha256;
    std::uint32_t revision = 0;
    bool deleted = false;
    std::string noteSha256;
    struct Place {
        std::string writer;
        std::uint64_t seq = 0;
        ChainValue head{};
    };
    std::vector<Place> places; ///< records of that revision
    /// This sidecar is the one that was written last.
    bool speaksOf(const Sidecar& sidecar) const;
};

/// One writer's journal as found.
struct KnownWriter {
    std::uint64_t lastSeq = 0;
    bool sound = false;
};

/// All journals, the twin, and what TMP holds.
struct JournalKnowledge {
    std::unordered_map<std::string, KnownRecording> recordings; ///< by uid
    std::unordered_map<std::string, std::string> uidOfStem;
    std::map<std::string, KnownWriter> writers;
    std::unordered_map<std::uint64_t, std::uint32_t> twinLines; ///< hash of a line to how often it must stand
    std::int64_t ringTimeMs = 0;
    std::string ringSha256;
    std::uint64_t records = 0;
};

struct VerifyContext {
    const Path& root;
    Store& store;
    const crypto::KeyRing& ring;
    const std::string& archiveId;
    Progress& progress;
    bool foreign = false;    ///< another recorder's: there is no archive.xml and no journal to miss
    std::uint64_t done = 0;  ///< [octets]
    std::uint64_t total = 0; ///< [octets]

    bool advance(std::uint64_t octets)
    {
        done += octets;
        progress.report(done, std::max(done, total));
        return !progress.cancelled();
    }
};

/// Kind of a finding for an error of unsealing or authentication.
std::string kindOf(const Error& error);

/// Of all journals together: whether anybody wrote meanwhile.
std::uint64_t journalOctets(Store& store);
/// Reads all journals; findings of their own are appended.
Result<JournalKnowledge> readJournals(VerifyContext& context, VerifyReport& report);
/// The twin line by line against the journals.
Status checkTwin(VerifyContext& context, const JournalKnowledge& knowledge, VerifyReport& report);
/// archive.xml, keyring.sealed and whatever else lies in TMP, REC and the root.
Status checkSurroundings(VerifyContext& context, const JournalKnowledge& knowledge, VerifyReport& report);

/// Month folders against the journals.
class TreeCheck {
public:
    TreeCheck(VerifyContext& context, const JournalKnowledge& knowledge)
        : m_context(context)
        , m_knowledge(knowledge)
    {}
    Status checkMonth(const std::string& folder);
    /// What is missing, renamed, swapped or extra can be told only after everything was seen.
    void conclude();
    std::uint64_t checked() const { return m_checked; }
    std::vector<VerifyFinding> takeFindings() { return std::move(m_findings); }

private:
    struct Sound {
        std::string file, uid, sha256;
    };
    struct Files {
        const StoreEntry* sidecar = nullptr;
        const StoreEntry* note = nullptr;
        std::vector<const StoreEntry*> audio;
    };
    struct Content {
        std::string sha256;
        std::string sealedUid; ///< empty if clear
        std::uint64_t bytes = 0;
    };
    Status checkStem(const std::string& folder, const std::string& stem, const Files& files);
    Status checkSidecar(const std::string& folder, const std::string& stem, const StoreEntry& file,
                        std::optional<Sidecar>& sound);
    void checkPlace(const std::string& file, const Sidecar& sidecar);
    Status checkAudio(const std::string& folder, const StoreEntry& file, const Sidecar* sidecar,
                      const KnownRecording* known, const std::string& uid);
    Status checkNote(const StoreEntry& file, const KnownRecording* known, const std::string& uid);
    Result<Content> contentOf(const StoreEntry& file);
    void find(const std::string& file, const std::string& uid, const char* kind, std::string detail);
    void findForeign(const std::string& file, const char* detail);
    void sumUpForeign();
    void find(const std::string& file, const std::string& uid, std::string kind, std::string detail);

    VerifyContext& m_context;
    const JournalKnowledge& m_knowledge;
    std::vector<VerifyFinding> m_findings;
    std::uint64_t m_checked = 0;
    std::unordered_set<std::string> m_present;                    ///< files that stand where they belong
    std::vector<std::pair<std::string, std::string>> m_strayCars; ///< sidecars at a foreign name: file, uid
    std::vector<Sound> m_strays; ///< audio at a foreign name, or with foreign content
    std::vector<Sound> m_wrong;  ///< audio with other content than its sidecar says
    std::unordered_map<std::string, std::string> m_fileOfSha;    ///< what belongs to which file, for swaps
    std::map<std::string, std::vector<VerifyFinding>> m_foreign; ///< month to what no journal knows
    std::map<std::string, std::string> m_cutWriters; ///< writer to the file that names more than it has
};

} // namespace sr::archive
