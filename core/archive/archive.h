// SPDX-License-Identifier: GPL-3.0-or-later
// The archive: commit, look-up, opening and changing of recordings in a tree that any number of programs may
// write at once.
#pragma once

#include "core/archive/recording.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/base/progress.h"
#include "core/crypto/key_store.h"

#include <functional>
#include <memory>

namespace sr::archive {

enum class ArchiveErrc {
    NotAnArchive = 1, ///< no archive.xml and not asked to make one
    NewerVersion,     ///< written by a newer program; left untouched
    Duplicate,        ///< this very call is already there
    NotFound,         ///< no recording of that uid
    Altered,          ///< integrity violated
    BadSidecar,
    BadArchiveXml,
    RingLocked, ///< TMP/keyring.sealed does not open with a passphrase of this machine, so nothing was
                ///< changed
};
const std::error_category& archiveCategory() noexcept;
inline std::error_code make_error_code(ArchiveErrc e) noexcept
{
    return {static_cast<int>(e), archiveCategory()};
}

struct ArchiveOptions {
    Path configDir;       ///< keys, catalog
    bool create = false;  ///< make archive.xml, month tree and TMP when the folder has none
    std::string timeZone; ///< IANA id for a new archive; empty: the machine's
};

class Archive;

/// One recording being written under REC/<instance>: nothing of it is visible before commit(). Destroyed
/// without: gone. One thread at a time; drafts of one archive may be written by several threads.
class Draft {
public:
    virtual ~Draft() = default;
    /// Clear audio in order; hashed and, if so asked, sealed on the way to the disk.
    virtual ByteSink& audio() = 0;
    /// Fills uid (next free suffix of recording.uid), name, hash, size, integrity; writes sidecar, journal,
    /// catalog. ArchiveErrc::Duplicate if the fingerprint is already there under this uid.
    virtual Result<RecordingRow> commit(Recording recording) = 0;
    /// Ends the audio of this and of another draft of the same archive: sooner done together than by the two
    /// commits, which tell what went wrong.
    virtual void finishWith(Draft& other) = 0;
};

struct VerifyFinding {
    std::string file; ///< relative
    std::string uid;
    std::string kind; ///< changed swapped renamed missing unknownKey extra
    std::string detail;
};
struct VerifyReport {
    std::uint64_t checked = 0; ///< files
    std::vector<VerifyFinding> findings;
};

enum class Integrity : std::uint8_t { Original, Manipulated, Unknown };

/// Any thread. One object a program and archive; it holds REC/<instance> locked while it lives.
class Archive {
public:
    /// Opens (adopting and completing the work of dead instances, catching the catalog up) or makes an
    /// archive. `secrets` and `clock` outlive it; secrets.ring is the current ring.
    static Result<std::unique_ptr<Archive>> open(const Path& root, const ArchiveOptions& options,
                                                 const crypto::MachineSecrets& secrets, const Clock& clock);
    virtual ~Archive() = default;

    virtual const Path& root() const = 0;
    virtual const std::string& id() const = 0;       ///< 32 hex digits
    virtual const std::string& timeZone() const = 0; ///< IANA id
    virtual bool wasCreated() const = 0;             ///< by this open(): show the recovery passphrase

    /// Local broken-down time of the archive's zone: fills the date part of a name and the UTC offset of a
    /// recording.
    virtual void stampLocal(UtcTime time, RecordingName& name, int& utcOffsetMinutes) const = 0;

    // writing
    virtual Result<std::unique_ptr<Draft>> draft(const std::string& uid, MediaFormat format, bool seal) = 0;
    virtual Result<RecordingRow> commitCall(Recording unanswered) = 0; ///< a call record without audio
    /// Row of a recording with this guid (any suffix) and fingerprint, to say `duplicate` before any work.
    virtual Result<std::optional<RecordingRow>> findDuplicate(const std::string& uid,
                                                              const std::string& fingerprint) = 0;
    /// The recording's audio in another format; same uid and name. Crash-safe: sidecar with both, new file,
    /// old away, sidecar with one. Before that the sidecar is proven against its journal and the audio
    /// against the sidecar: ArchiveErrc::Altered changes nothing. `fill` reads the proven `clear`, writes the
    /// new clear audio and returns the changed fields (format, coding, rate, frames, layout).
    using Filler = std::function<Result<Recording>(const Recording& current,
                                                   std::unique_ptr<ByteSource> clear, ByteSink& audio)>;
    virtual Result<RecordingRow> convert(const std::string& uid, MediaFormat to, bool seal,
                                         const Filler& fill) = 0;
    /// Notes in the sidecar that somebody wants the recording to be kept; once for each party. Crash-safe,
    /// and proven first as in convert().
    virtual Result<RecordingRow> mark(const std::string& uid, const CallMark& mark) = 0;
    virtual Path spoolDir() const = 0; ///< REC/<instance>: for work that dies with this program

    // reading
    virtual Result<std::vector<RecordingRow>> page(const RecordingFilter& filter, std::uint64_t offset,
                                                   std::uint64_t limit) = 0;
    virtual Result<std::uint64_t> count(const RecordingFilter& filter) = 0;
    virtual Result<std::vector<std::pair<int, int>>>
    months() = 0; ///< year and month that hold recordings, newest first
    virtual Result<RecordingRow> row(const std::string& uidOrName) = 0; ///< former names too
    virtual Result<Recording> recording(const std::string& uid) = 0;    ///< its sidecar
    virtual Result<std::unique_ptr<ByteSource>>
    openAudio(const std::string& uid) = 0;                                ///< clear bytes, sealed or not
    virtual Result<Integrity> checkIntegrity(const std::string& uid) = 0; ///< reads the audio through

    // care
    virtual Result<VerifyReport> verify(Progress& progress) = 0; ///< the whole archive; progress in octets
    virtual Result<std::uint64_t>
    reindex(Progress& progress) = 0; ///< catalog anew from the tree; recordings found
    virtual Status catchUp() = 0;    ///< what other programs committed meanwhile
    /// Rewraps every sealed file to the ring's active archive key. Resumable. Files changed.
    virtual Result<std::uint64_t> rotateKeys(Progress& progress) = 0;
    /// TMP/keyring.sealed holds all keys of `ring`, and goes on holding those of others. Every key that seals
    /// something is brought there by itself; this is for one that is about to become active.
    /// ArchiveErrc::RingLocked.
    virtual Status saveSealedRing(const crypto::KeyRing& ring) = 0;
};

/// Clear content of any sealed file, by its magic: audio, sidecar, note.
Result<std::unique_ptr<ByteSource>> openClear(const Path& file, const crypto::KeyRing& ring);

} // namespace sr::archive

template <>
struct std::is_error_code_enum<sr::archive::ArchiveErrc> : std::true_type {};
