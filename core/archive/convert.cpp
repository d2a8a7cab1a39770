// SPDX-License-Identifier: GPL-3.0-or-later
// A recording's audio in another format.
#include "core/archive/folder_archive.h"
#include "core/archive/verify.h"

namespace sr::archive {

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
    if (to == MediaFormat::None)
        return fail(BaseErrc::Malformed, "convert to no format");
    auto held = hold(uid, "convert");
    if (!held)
        return held.error();
    Sidecar& sidecar = held->sidecar;
    auto source = provenAudio(sidecar);
    if (!source)
        return source.error();
    auto audio = stage(sidecar.recording.uid, seal);
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
    r.pauses = filled->pauses;
    r.durationMs = filled->durationMs;
    r.sealed = seal;
    r.sha256 = (*audio)->sha256();
    r.clearBytes = (*audio)->clearBytes();
    sidecar.parts.insert(sidecar.parts.begin(), partOf(r));
    return change(std::move(*held), JobKind::Convert, audio->get());
}

} // namespace sr::archive
