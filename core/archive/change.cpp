// SPDX-License-Identifier: GPL-3.0-or-later
// A change of a recording that is in the archive: held against other programs, proven, carried out.
#include "core/archive/folder_archive.h"
#include "core/archive/verify.h"

namespace sr::archive {

Result<Sidecar> FolderArchive::provenSidecar(const RecordingRow& row)
{
    const auto [stem, extension] = splitFile(row.file);
    const auto file = row.file.substr(0, row.file.find('/') + 1) + stem + ".xml";
    if (!row.hasSidecar)
        return fail(BaseErrc::NotFound, file + ", without which nobody knows what " + stem + "." + extension +
                                            " is, so it stays as it is");
    auto read = readSidecarFile(*m_store, file, m_secrets.ring);
    if (!read && read.error().code == BaseErrc::NotFound)
        return fail(ArchiveErrc::Altered, file + " is missing");
    if (!read)
        return Error{read.error().code, file + ", " + read.error().context};
    if (read->uid != row.uid || sidecarFile(read->sidecar.recording.name) != file)
        return fail(ArchiveErrc::Altered, file + " is the sidecar of " + read->uid);
    if (read->sidecar.parts.size() != 1)
        return fail(ArchiveErrc::NotFound, "audio of " + row.uid);
    if (auto journaled = checkJournaled(read->sidecar); !journaled)
        return Error{journaled.error().code, file + ", " + journaled.error().context};
    return std::move(read->sidecar);
}

/// An older sidecar with its older audio would be sound by itself; the journal knows better.
Status FolderArchive::checkJournaled(const Sidecar& sidecar)
{
    const std::lock_guard guard(m_knowledgeMutex);
    const auto speaks = [&] {
        const auto writer = m_knowledge->writers.find(sidecar.journal.writer);
        const auto known = m_knowledge->recordings.find(sidecar.recording.uid);
        return writer != m_knowledge->writers.end() && writer->second.sound &&
               known != m_knowledge->recordings.end() && known->second.speaksOf(sidecar);
    };
    const auto unknown = fail(ArchiveErrc::Altered, "no sound journal speaks of this sidecar");
    const auto octets = journalOctets(*m_store);
    if (m_knowledge && (octets == m_knowledgeOctets || speaks()))
        return speaks() ? Status{} : unknown;
    Progress silent;
    VerifyContext context{m_root, *m_store, m_secrets.ring, m_id, silent, m_foreign};
    VerifyReport report;
    auto read = readJournals(context, report);
    if (!read)
        return read.error();
    m_knowledge = std::make_unique<JournalKnowledge>(std::move(*read));
    m_knowledge->twinLines.clear();
    m_knowledgeOctets = octets;
    return speaks() ? Status{} : unknown;
}

Result<FolderArchive::Held> FolderArchive::hold(const std::string& uid, const std::string& purpose)
{
    if (auto may = needInstance(); !may)
        return may.error();
    if (auto retried = retryUnfinished(); !retried)
        return retried.error();
    auto known = row(uid);
    if (!known)
        return known.error();
    auto claim = Claim::take(recDir(), m_instance->dir(), m_instance->id(), known->uid, purpose);
    if (!claim)
        return claim.error();
    if (claim->taken != Claim::Taken::ByMe)
        return fail(BaseErrc::Locked, "recording " + known->uid + ", which another program is changing");
    auto proven = provenSidecar(*known);
    if (!proven)
        return proven.error();
    return Held{std::move(claim->claim), std::move(*proven)};
}

Result<RecordingRow> FolderArchive::change(Held held, JobKind kind, StagedAudio* audio)
{
    Sidecar& sidecar = held.sidecar;
    ++sidecar.revision;
    auto content = sealedSidecar(sidecar);
    if (!content)
        return content.error();
    const Job job{kind, sidecar.recording.uid, audio != nullptr ? audio->name() : std::string(),
                  std::move(*content)};
    if (auto begun = beginJob(job); !begun)
        return begun.error();
    if (audio != nullptr)
        audio->keep();
    if (auto done = runJob(job, std::move(held.claim), &sidecar); !done)
        return done.error();
    const std::lock_guard guard(m_knowledgeMutex);
    m_knowledge->recordings.erase(job.uid);
    return rowOf(sidecar.recording);
}

} // namespace sr::archive
