// SPDX-License-Identifier: GPL-3.0-or-later
// A recording's audio in another format.
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

Result<std::unique_ptr<ByteSource>> FolderArchive::provenAudio(const Sidecar& sidecar)
{
    const auto& part = sidecar.parts.front();
    const auto& r = sidecar.recording;
    const auto file = r.name.monthFolder() + "/" + part.file;
    const auto named = [&](const Error& error) { return Error{error.code, file + ", " + error.context}; };
    auto source = m_store->openRange(file);
    if (!source && source.error().code == BaseErrc::NotFound)
        return fail(ArchiveErrc::Altered, file + " is missing");
    if (!source)
        return source.error();
    auto clear = clearOf(std::move(*source), m_secrets.ring);
    if (!clear)
        return named(clear.error());
    if (clear->sealedUid != (part.sealed ? r.uid : std::string()))
        return fail(ArchiveErrc::Altered,
                    file + (clear->sealedUid.empty() ? " is no longer sealed"
                                                     : " is sealed as recording " + clear->sealedUid));
    if (auto checked = checkContent(*clear->bytes, part.clearBytes, part.sha256); !checked)
        return named(checked.error());
    return std::move(clear->bytes);
}

Result<RecordingRow> FolderArchive::convert(const std::string& uid, MediaFormat to, bool seal,
                                            const Filler& fill)
{
    if (auto may = needInstance(); !may)
        return may.error();
    if (to == MediaFormat::None)
        return fail(BaseErrc::Malformed, "convert to no format");
    if (auto retried = retryUnfinished(); !retried)
        return retried.error();
    auto known = row(uid);
    if (!known)
        return known.error();
    auto claim = Claim::take(recDir(), m_instance->dir(), m_instance->id(), known->uid, "convert");
    if (!claim)
        return claim.error();
    if (claim->taken != Claim::Taken::ByMe)
        return fail(BaseErrc::Locked, "recording " + known->uid + ", which another program is changing");
    auto proven = provenSidecar(*known);
    if (!proven)
        return proven.error();
    Sidecar sidecar = std::move(*proven);
    auto source = provenAudio(sidecar);
    if (!source)
        return source.error();
    auto audio = stage(known->uid, seal);
    if (!audio)
        return audio.error();
    auto filled = fill(sidecar.recording, std::move(*source), **audio);
    if (!filled)
        return filled.error();
    if (auto finished = (*audio)->finish(); !finished)
        return finished.error();
    // Only the sound changes; who it was and when stays as it stands.
    auto& r = sidecar.recording;
    r.format = to;
    r.coding = filled->coding;
    r.sampleRate = filled->sampleRate;
    r.frames = filled->frames;
    r.layout = filled->layout;
    r.codecs = filled->codecs;
    r.lostPackets = filled->lostPackets;
    r.duplicatePackets = filled->duplicatePackets;
    r.undecodablePackets = filled->undecodablePackets;
    r.lockedPackets = filled->lockedPackets;
    r.digits = filled->digits;
    r.insertions = filled->insertions;
    r.durationMs = filled->durationMs;
    r.sealed = seal;
    r.sha256 = (*audio)->sha256();
    r.clearBytes = (*audio)->clearBytes();
    sidecar.parts.insert(sidecar.parts.begin(), partOf(r));
    ++sidecar.revision;
    auto content = sealedSidecar(sidecar);
    if (!content)
        return content.error();
    const Job job{JobKind::Convert, r.uid, (*audio)->name(), std::move(*content)};
    if (auto begun = beginJob(job); !begun)
        return begun.error();
    (*audio)->keep();
    if (auto done = runJob(job, std::move(claim->claim), &sidecar); !done)
        return done.error();
    const std::lock_guard guard(m_knowledgeMutex);
    m_knowledge->recordings.erase(r.uid);
    return rowOf(r);
}

} // namespace sr::archive
