// SPDX-License-Identifier: GPL-3.0-or-later
// From a draft to a recording in the tree: the uid, the claim on it, and the job that makes it visible.
#include "core/archive/folder_archive.h"

#include <chrono>
#include <thread>

namespace sr::archive {
namespace {

constexpr std::size_t kUidMax = 96; ///< with two full parties the file name stays under 255 octets
constexpr unsigned kSuffixMax = 9999;
constexpr int kWaitRounds = 2500; ///< times kWait: how long another commit of the same call may take
constexpr auto kWait = milliseconds(4);
constexpr int kAdoptEvery = 250;
constexpr std::size_t kMostAbsent = 64; ///< chosen: calls between their search and their commit

Status checkUid(const std::string& uid)
{
    const bool good =
        !uid.empty() && uid.size() <= kUidMax &&
        uid.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") ==
            std::string::npos;
    return good ? Status{}
                : fail(BaseErrc::Malformed, "a uid that cannot stand in a file name: " + uid.substr(0, 100));
}

bool isTan(const std::string& tan)
{
    return tan.empty() || (tan.size() == 6 && tan.find_first_not_of("0123456789") == std::string::npos);
}

class FolderDraft final : public Draft {
public:
    FolderDraft(FolderArchive& archive, std::unique_ptr<StagedAudio> audio, MediaFormat format)
        : m_archive(archive)
        , m_audio(std::move(audio))
        , m_format(format)
    {}
    ByteSink& audio() override { return *m_audio; }
    Result<RecordingRow> commit(Recording recording) override
    {
        if (m_committed)
            return fail(BaseErrc::Exists, "commit a draft twice");
        auto row = m_archive.commit(std::move(recording), m_audio.get(), m_format);
        m_committed = static_cast<bool>(row);
        return row;
    }
    void finishWith(Draft& other) override
    {
        StagedAudio::finishTogether(*m_audio, *static_cast<FolderDraft&>(other).m_audio);
    }

private:
    FolderArchive& m_archive;
    std::unique_ptr<StagedAudio> m_audio;
    MediaFormat m_format;
    bool m_committed = false;
};

} // namespace

Result<std::unique_ptr<StagedAudio>> FolderArchive::stage(const std::string& uid, bool seal)
{
    if (auto may = needInstance(); !may)
        return may.error();
    const crypto::Key* key = nullptr;
    if (seal) {
        auto active = sealingKey(crypto::KeyPurpose::Archive);
        if (!active)
            return active.error();
        key = *active;
    }
    return StagedAudio::create(m_instance->dir() / ("audio" + std::to_string(m_counter.fetch_add(1))), key,
                               uid);
}

Result<std::unique_ptr<Draft>> FolderArchive::draft(const std::string& uid, MediaFormat format, bool seal)
{
    if (auto good = checkUid(uid); !good)
        return good.error();
    if (format == MediaFormat::None)
        return fail(BaseErrc::Malformed, "a draft without format");
    auto audio = stage(uid, seal);
    if (!audio)
        return audio.error();
    return std::unique_ptr<Draft>(std::make_unique<FolderDraft>(*this, std::move(*audio), format));
}

Result<RecordingRow> FolderArchive::commitCall(Recording unanswered)
{
    unanswered.answered = false;
    return commit(std::move(unanswered), nullptr, MediaFormat::None);
}

Result<std::vector<RecordingRow>> FolderArchive::rowsOfGuid(const std::string& guid)
{
    auto waiting = rowsWaiting(guid); // first: what leaves these is in the catalog by then
    auto rows = m_catalog->byGuid(guid);
    if (rows)
        for (auto& row : waiting)
            rows->push_back(std::move(row));
    return rows;
}

void FolderArchive::noteAbsent(const std::string& guid, std::uint64_t changes)
{
    const std::lock_guard guard(m_absentMutex);
    if (m_absent.size() >= kMostAbsent)
        m_absent.clear(); // of calls that were never committed
    m_absent[guid] = changes;
}

bool FolderArchive::wasAbsent(const std::string& guid, std::uint64_t changes)
{
    const std::lock_guard guard(m_absentMutex);
    const auto noted = m_absent.extract(guid);
    return !noted.empty() && noted.mapped() == changes;
}

std::vector<RecordingRow> FolderArchive::rowsWaiting(const std::string& guid)
{
    std::vector<RecordingRow> rows;
    const std::lock_guard guard(m_rowsMutex);
    for (const auto& row : m_rows)
        if (row.uid.starts_with(guid) && splitUid(row.uid).first == guid)
            rows.push_back(row);
    return rows;
}

Result<std::optional<RecordingRow>> FolderArchive::findDuplicate(const std::string& uid,
                                                                 const std::string& fingerprint)
{
    const auto guid = splitUid(uid).first;
    const auto changes = m_catalogChanges.load();
    auto rows = rowsOfGuid(guid);
    if (!rows)
        return rows.error();
    if (rows->empty())
        noteAbsent(guid, changes);
    for (auto& row : *rows)
        if (!fingerprint.empty() && row.fingerprint == fingerprint)
            return std::optional<RecordingRow>(std::move(row));
    return std::optional<RecordingRow>();
}

bool FolderArchive::nameIsTaken(const RecordingName& name) const
{
    const Path folder = m_root / pathOf(name.monthFolder());
    const auto stem = name.toString();
    for (const char* extension : {".xml", ".wav", ".mp3", ".pcap"})
        if (fileExists(folder / pathOf(stem + extension)))
            return true;
    return false;
}

Result<FolderArchive::Chosen> FolderArchive::chooseUid(Recording& recording)
{
    const auto [guid, firstSuffix] = splitUid(recording.uid);
    std::set<unsigned> taken;
    for (int round = 0; round < kWaitRounds;) {
        const auto changes = m_catalogChanges.load();
        // Whoever commits has mostly asked findDuplicate() just before.
        auto rows = wasAbsent(guid, changes) ? Result<std::vector<RecordingRow>>(rowsWaiting(guid))
                                             : rowsOfGuid(guid);
        if (!rows)
            return rows.error();
        for (auto& row : *rows) {
            if (!recording.fingerprint.empty() && row.fingerprint == recording.fingerprint)
                return Chosen{nullptr, std::move(row)};
            taken.insert(splitUid(row.uid).second);
        }
        unsigned suffix = firstSuffix;
        while (taken.contains(suffix))
            ++suffix;
        if (suffix > kSuffixMax)
            return fail(BaseErrc::Exists, "recordings of " + guid);
        recording.uid = suffix == 1 ? guid : guid + "-" + std::to_string(suffix);
        recording.name.uid = recording.uid;
        auto claim =
            Claim::take(recDir(), m_instance->dir(), m_instance->id(), recording.uid, recording.fingerprint);
        if (!claim)
            return claim.error();
        if (claim->taken == Claim::Taken::ByOther) {
            taken.insert(suffix);
            continue;
        }
        if (claim->taken == Claim::Taken::BySameCall) { // wait how that one ends
            std::this_thread::sleep_for(kWait);
            if (++round % kAdoptEvery == 0)
                if (auto adopted = adoptDead(); !adopted)
                    return adopted.error();
        }
        // Whoever held this uid until now is in a journal, if it came to an end.
        if (auto caught = followOthers(); !caught)
            return caught.error();
        if (claim->taken == Claim::Taken::BySameCall)
            continue;
        // Rows wait until the catalog has them and the change is counted, so none falls between.
        auto existing = Result<std::vector<RecordingRow>>(rowsWaiting(guid));
        if (m_catalogChanges.load() != changes)
            existing = rowsOfGuid(guid);
        if (!existing)
            return existing.error();
        bool free = !nameIsTaken(recording.name);
        if (!free) {
            // Its row may still wait in a journal behind one whose job is open; the file itself tells.
            std::vector<std::string> formerNames;
            if (auto row = rowOfStem(recording.name.toString(), &formerNames)) {
                const std::lock_guard guard(m_rowsMutex);
                m_rows.push_back(*row); // the catalog learns it from us, if it does not know it yet
                existing->push_back(std::move(*row));
            }
        }
        for (auto& row : *existing) {
            if (!recording.fingerprint.empty() && row.fingerprint == recording.fingerprint)
                return Chosen{nullptr, std::move(row)};
            free = free && row.uid != recording.uid;
        }
        if (free)
            return Chosen{std::move(claim->claim), std::nullopt};
        taken.insert(suffix);
    }
    return fail(BaseErrc::Locked, "another program is committing call " + guid);
}

Result<RecordingRow> FolderArchive::commit(Recording r, StagedAudio* audio, MediaFormat format)
{
    if (auto may = needInstance(); !may)
        return may.error();
    if (auto good = checkUid(r.uid); !good)
        return good.error();
    if (!isTan(r.tan))
        return fail(BaseErrc::Malformed, "a TAN that is not six digits");
    if (auto retried = retryUnfinished(); !retried)
        return retried.error();
    if (audio != nullptr)
        if (auto finished = audio->finish(); !finished)
            return finished.error();

    r.start = std::chrono::floor<milliseconds>(r.start); // what the sidecar can tell
    for (auto& flowStep : r.flow)
        flowStep.time = std::chrono::floor<milliseconds>(flowStep.time);
    r.name.internal = r.internal;
    r.name.external = r.external;
    r.name.direction = r.direction;
    r.name.answerSeconds = r.answerSeconds;
    r.name.tan = r.tan;
    stampLocal(r.start, r.name, r.utcOffsetMinutes);
    auto chosen = chooseUid(r);
    if (!chosen)
        return chosen.error();
    if (chosen->duplicate)
        return fail(ArchiveErrc::Duplicate, chosen->duplicate->uid);
    // As it will be read back: a long party is cut in the name and whole in the call.
    if (auto name = parseRecordingName(r.name.toString()))
        r.name = std::move(*name);
    else
        return name.error();

    Sidecar sidecar;
    r.format = format;
    r.sealed = audio != nullptr && audio->sealed();
    if (audio != nullptr) {
        if (audio->sealed() && audio->uid() != r.uid) {
            auto key = sealingKey(crypto::KeyPurpose::Archive);
            if (!key)
                return key.error();
            if (auto resealed = audio->reseal(m_secrets.ring, **key, r.uid); !resealed)
                return resealed.error();
        }
        r.sha256 = audio->sha256();
        r.clearBytes = audio->clearBytes();
        sidecar.parts.push_back(partOf(r));
    }
    sidecar.recording = std::move(r);
    auto content = sealedSidecar(sidecar);
    if (!content)
        return content.error();
    const Job job{JobKind::Commit, sidecar.recording.uid, audio != nullptr ? audio->name() : std::string(),
                  std::move(*content)};
    if (auto begun = beginJob(job); !begun)
        return begun.error();
    if (audio != nullptr)
        audio->keep(); // the job's now
    if (auto done = runJob(job, std::move(chosen->claim), &sidecar); !done)
        return done.error();
    return rowOf(sidecar.recording);
}

} // namespace sr::archive
