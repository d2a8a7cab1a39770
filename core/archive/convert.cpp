// SPDX-License-Identifier: GPL-3.0-or-later
// A recording's audio in another format.
#include "core/archive/folder_archive.h"

namespace sr::archive {

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
    const auto stem = splitFile(known->file).first;
    const auto folder = known->file.substr(0, known->file.find('/') + 1);
    auto current = readSidecarFile(*m_store, folder + stem + ".xml", m_secrets.ring);
    if (!current)
        return current.error();
    Sidecar sidecar = std::move(current->sidecar);
    if (sidecar.parts.size() != 1)
        return fail(ArchiveErrc::NotFound, "audio of " + known->uid);
    auto audio = stage(known->uid, seal);
    if (!audio)
        return audio.error();
    auto filled = fill(sidecar.recording, **audio);
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
    return rowOf(r);
}

} // namespace sr::archive
