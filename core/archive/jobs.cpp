// SPDX-License-Identifier: GPL-3.0-or-later
// Carrying jobs out, in the one order that never shows half a recording, and again after a crash.
#include "core/archive/folder_archive.h"
#include "core/crypto/sealed.h"

namespace sr::archive {

/// Keeps the catalog's place in the own journal before a record whose row is still to come.
class FolderArchive::InFlight {
public:
    explicit InFlight(FolderArchive& archive)
        : m_archive(archive)
    {
        auto writer = archive.writer();
        const std::uint64_t at = writer ? (*writer)->end() : 0;
        const std::lock_guard guard(archive.m_rowsMutex);
        m_place = archive.m_inFlight.insert(at);
    }
    ~InFlight()
    {
        const std::lock_guard guard(m_archive.m_rowsMutex);
        m_archive.m_inFlight.erase(m_place);
    }
    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

private:
    FolderArchive& m_archive;
    std::multiset<std::uint64_t>::iterator m_place;
};

Result<Bytes> FolderArchive::sealedSidecar(const Sidecar& sidecar)
{
    auto integrity = sealingKey(crypto::KeyPurpose::Integrity);
    auto key = sealingKey(crypto::KeyPurpose::Archive);
    if (!integrity)
        return integrity.error();
    if (!key)
        return key.error();
    const auto document = writeSidecar(sidecar, **integrity);
    return crypto::seal(bytesOf(document), **key, crypto::ContentType::Sidecar, sidecar.recording.uid);
}

Status FolderArchive::putSidecar(const Sidecar& sidecar, Store::IfThere ifThere)
{
    auto content = sealedSidecar(sidecar);
    if (!content)
        return content.error();
    return m_store->putBytes(*content, sidecarFile(sidecar.recording.name), ifThere);
}

Result<JournalRef> FolderArchive::journal(const Sidecar& sidecar, JournalKind kind)
{
    auto out = writer();
    if (!out)
        return out.error();
    const auto& r = sidecar.recording;
    JournalRecord record;
    record.kind = kind;
    record.uid = r.uid;
    record.stem = r.name.toString();
    record.format = r.format;
    record.sealed = r.sealed;
    record.bytes = r.clearBytes;
    record.sha256 = r.sha256;
    record.revision = sidecar.revision;
    auto appended = (*out)->append(std::move(record));
    if (!appended)
        return appended.error();
    return std::move(appended->ref);
}

Status FolderArchive::beginJob(const Job& job)
{
    auto begun = writeJob(m_instance->dir(), job);
    if (begun)
        begun = step("job");
    if (!begun) // its audio goes with the draft, and half a job must not wait for whoever adopts this folder
        (void)removeFile(m_instance->dir() / pathOf(jobFile(job.uid)));
    return begun;
}

Status FolderArchive::carryOut(const Job& job, const Path& dir, bool again, const Sidecar* fresh)
{
    switch (job.kind) {
    case JobKind::Commit:
        return carryOutCommit(job, dir, again, fresh);
    case JobKind::Convert:
        return carryOutConvert(job, dir, again, fresh);
    case JobKind::Revise:
        return carryOutRevise(job, again, fresh);
    case JobKind::Ring:
        return carryOutRing(job);
    }
    return {};
}

namespace {

Result<Sidecar> sidecarOf(const Job& job, const Sidecar* fresh, const crypto::KeyRing& ring)
{
    if (fresh != nullptr)
        return *fresh;
    auto document = crypto::unseal(job.content, ring, crypto::ContentType::Sidecar, job.uid);
    if (!document)
        return document.error();
    return readSidecar(textOf(*document), ring);
}

} // namespace

Status FolderArchive::journalThenSidecar(Sidecar& sidecar, JournalKind kind, bool again,
                                         std::string_view passed)
{
    sidecar.revision += again ? 1 : 0;
    auto ref = journal(sidecar, kind);
    if (!ref)
        return ref.error();
    sidecar.journal = std::move(*ref);
    if (auto journaled = step("journal"); !journaled)
        return journaled;
    const bool isNew = kind == JournalKind::Call || kind == JournalKind::Commit;
    if (auto put = putSidecar(sidecar, isNew ? Store::IfThere::Refuse : Store::IfThere::Replace); !put)
        return put;
    return step(passed);
}

Status FolderArchive::carryOutCommit(const Job& job, const Path& dir, bool again, const Sidecar* fresh)
{
    auto read = sidecarOf(job, fresh, m_secrets.ring);
    if (!read)
        return read.error();
    Sidecar sidecar = std::move(*read);
    const InFlight inFlight(*this);
    const auto file = sidecarFile(sidecar.recording.name);
    // After a crash the sidecar may be there; it came after its journal record.
    if (!again || !fileExists(m_root / pathOf(file))) {
        if (auto put = journalThenSidecar(
                sidecar, sidecar.parts.empty() ? JournalKind::Call : JournalKind::Commit, again, "sidecar");
            !put)
            return put;
    }
    const Path staged = dir / pathOf(job.staged);
    if (!job.staged.empty() && (!again || fileExists(staged))) {
        auto put = m_store->putAtomic(staged, recordingFile(sidecar.recording), Store::IfThere::Refuse);
        if (!put)
            return put;
        if (auto passed = step("audio"); !passed)
            return passed;
    }
    pushRow(sidecar.recording);
    return {};
}

Status FolderArchive::carryOutConvert(const Job& job, const Path& dir, bool again, const Sidecar* known)
{
    auto read = sidecarOf(job, known, m_secrets.ring);
    if (!read)
        return read.error();
    Sidecar sidecar = std::move(*read);
    if (sidecar.parts.size() != 2)
        return fail(ArchiveErrc::BadSidecar, "job of " + job.uid);
    const InFlight inFlight(*this);
    const auto folder = sidecar.recording.name.monthFolder() + "/";
    const SidecarPart fresh = sidecar.parts[0];
    const SidecarPart old = sidecar.parts[1];
    const auto current = again
                             ? readSidecarFile(*m_store, sidecarFile(sidecar.recording.name), m_secrets.ring)
                             : Result<ReadSidecar>(fail(BaseErrc::NotFound, ""));
    if (current && !current->sidecar.parts.empty() && current->sidecar.parts.front() == fresh) {
        sidecar.journal = current->sidecar.journal;
        sidecar.revision = current->sidecar.revision;
    } else {
        if (auto put = journalThenSidecar(sidecar, JournalKind::Convert, again, "both"); !put)
            return put;
    }
    const Path staged = dir / pathOf(job.staged);
    if (!job.staged.empty() && fileExists(staged)) {
        if (auto put = m_store->putAtomic(staged, folder + fresh.file, Store::IfThere::Replace); !put)
            return put;
        if (auto passed = step("audio"); !passed)
            return passed;
    }
    if (old.file != fresh.file)
        if (auto removed = m_store->remove(folder + old.file); !removed)
            return removed;
    if (auto passed = step("old"); !passed)
        return passed;
    sidecar.parts.pop_back();
    if (auto put = putSidecar(sidecar, Store::IfThere::Replace); !put)
        return put;
    if (auto passed = step("sidecar"); !passed)
        return passed;
    pushRow(sidecar.recording);
    return {};
}

Status FolderArchive::carryOutRevise(const Job& job, bool again, const Sidecar* fresh)
{
    auto read = sidecarOf(job, fresh, m_secrets.ring);
    if (!read)
        return read.error();
    Sidecar sidecar = std::move(*read);
    const InFlight inFlight(*this);
    const auto current = again
                             ? readSidecarFile(*m_store, sidecarFile(sidecar.recording.name), m_secrets.ring)
                             : Result<ReadSidecar>(fail(BaseErrc::NotFound, ""));
    if (!current || current->sidecar.revision < sidecar.revision) {
        if (auto put = journalThenSidecar(sidecar, JournalKind::Mark, again, "sidecar"); !put)
            return put;
    }
    pushRow(sidecar.recording);
    return {};
}

Status FolderArchive::runJob(const Job& job, std::unique_ptr<Claim> claim, const Sidecar* fresh)
{
    auto done = carryOut(job, m_instance->dir(), false, fresh);
    if (!done) {
        // It has begun and will be finished: with the next change here, or by whoever adopts this folder.
        if (claim)
            claim->keep();
        const std::lock_guard guard(m_unfinishedMutex);
        m_unfinished.push_back(job.uid);
        return done;
    }
    return removeFile(m_instance->dir() / pathOf(jobFile(job.uid)));
}

Status FolderArchive::retryUnfinished()
{
    const std::lock_guard guard(m_unfinishedMutex);
    if (m_adoptionOwed)
        if (auto adopted = adoptDead(); !adopted && m_adoptionOwed)
            return adopted;
    while (!m_unfinished.empty()) {
        const auto uid = m_unfinished.back();
        const Path file = m_instance->dir() / pathOf(jobFile(uid));
        auto job = readJob(file);
        if (!job)
            return job.error();
        if (auto done = carryOut(*job, m_instance->dir(), true, nullptr); !done)
            return done;
        if (auto removed = removeFile(file); !removed)
            return removed;
        dropClaim(recDir(), uid);
        m_unfinished.pop_back();
    }
    return {};
}

Status FolderArchive::adoptDead()
{
    if (auto may = needInstance(); !may)
        return may;
    auto dead = findDeadInstances(recDir());
    if (!dead)
        return dead.error();
    // One that cannot be completed must not hold up the others.
    Status first;
    bool full = false;
    const auto note = [&](const Status& status) {
        full = full || (!status && status.error().code == BaseErrc::DiskFull);
        if (first && !status)
            first = status;
        return static_cast<bool>(status);
    };
    // Journals first, so that our own, if it is one of them, is sound when it is opened; then the sealed
    // ring, which sidecars may have to wait for.
    std::vector<bool> sound;
    for (const auto& each : *dead)
        sound.push_back(each.writer.empty() || note(repairJournal(m_root, each.writer, m_secrets.ring)));
    for (std::size_t i = 0; i < dead->size(); ++i)
        if (sound[i])
            sound[i] = note(finishRing((*dead)[i].dir, (*dead)[i].id));
    for (std::size_t i = 0; i < dead->size(); ++i)
        if (sound[i])
            note(adopt((*dead)[i]));
    m_adoptionOwed = full;
    return first;
}

Status FolderArchive::adopt(DeadInstance& dead)
{
    const auto entries = listDir(dead.dir);
    if (!entries)
        return entries.error();
    for (const auto& entry : *entries) {
        if (!entry.name.ends_with(kJobExtension))
            continue;
        const auto job = readJob(dead.dir / pathOf(entry.name));
        if (!job && job.error().code == BaseErrc::Malformed)
            continue; // job records appear whole; this is none of ours
        if (!job)
            return job.error();
        auto done = carryOut(*job, dead.dir, true, nullptr);
        if (!done && (done.error().code == crypto::CryptoErrc::UnknownKey ||
                      done.error().code == crypto::CryptoErrc::WrongKey))
            return {}; // left to a program that has the key
        if (!done)
            return done;
        if (auto removed = removeFile(dead.dir / pathOf(entry.name)); !removed)
            return removed;
    }
    dropClaims(recDir(), dead.id);
    return removeTree(dead.dir);
}

} // namespace sr::archive
