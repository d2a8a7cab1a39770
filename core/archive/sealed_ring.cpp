// SPDX-License-Identifier: GPL-3.0-or-later
// TMP/keyring.sealed: before a key seals anything in this archive, the recovery passphrase brings it back.
#include "core/archive/folder_archive.h"

#include <chrono>
#include <thread>

namespace sr::archive {
namespace {

constexpr const char* kRingFile = "TMP/keyring.sealed";
constexpr const char* kRingClaim = "keyring.sealed"; ///< no uid has a point
constexpr std::uint64_t kRingMax = 16ULL << 20;
constexpr int kWaitRounds = 2500; ///< times kWait: how long another program may take
constexpr auto kWait = milliseconds(4);
constexpr int kAdoptEvery = 250;

bool names(ByteView sealed, const std::vector<crypto::KeyId>& needed)
{
    return std::ranges::all_of(needed, [&](const auto& id) { return crypto::sealedRingNames(sealed, id); });
}

} // namespace

Result<const crypto::Key*> FolderArchive::sealingKey(crypto::KeyPurpose purpose)
{
    const auto* key = m_secrets.ring.active(purpose);
    if (key == nullptr)
        return fail(crypto::CryptoErrc::UnknownKey, purpose == crypto::KeyPurpose::Archive
                                                        ? "the ring has no archive key"
                                                        : "the ring has no integrity key");
    const std::lock_guard guard(m_ringMutex);
    if (!m_recoverable.contains(key->id)) {
        if (auto held = holdInSealedRing(m_secrets.ring, {key->id}); !held)
            return held.error();
        m_recoverable.insert(key->id);
    }
    return key;
}

Status FolderArchive::saveSealedRing(const crypto::KeyRing& ring)
{
    std::vector<crypto::KeyId> all;
    for (const auto& key : ring.keys())
        all.push_back(key.id);
    const std::lock_guard guard(m_ringMutex);
    return holdInSealedRing(ring, all);
}

Status FolderArchive::holdInSealedRing(const crypto::KeyRing& ring, const std::vector<crypto::KeyId>& needed)
{
    if (auto may = needInstance(); !may)
        return may;
    if (auto finished = finishRing(m_instance->dir(), m_instance->id()); !finished)
        return finished; // of ours, when the disk was full
    if (const auto there = readFile(m_root / kRingFile, kRingMax); there && names(*there, needed))
        return {};
    auto claim = claimRing();
    if (!claim)
        return claim.error();
    auto content = ringWith(ring, needed);
    if (!content)
        return content.error();
    if (content->empty())
        return {};
    const Job job{JobKind::Ring, {}, {}, std::move(*content)};
    if (auto begun = beginJob(job); !begun)
        return begun;
    if (auto done = carryOutRing(job); !done) {
        (*claim)->keep(); // with its job, for finishRing() here or elsewhere
        return done;
    }
    return removeFile(m_instance->dir() / pathOf(jobFile({})));
}

/// What to write; nothing if all is there. Keys of others that the file holds stay in it.
Result<Bytes> FolderArchive::ringWith(const crypto::KeyRing& ring,
                                      const std::vector<crypto::KeyId>& needed) const
{
    const auto there = readFile(m_root / kRingFile, kRingMax);
    if (!there && there.error().code == BaseErrc::NotFound)
        return crypto::sealRing(ring, m_secrets.recoveryPassphrase);
    if (!there)
        return there.error();
    if (names(*there, needed))
        return Bytes{};
    const auto opened = crypto::openSealedRing(*there, m_secrets);
    if (!opened && opened.error().code == crypto::CryptoErrc::NewerVersion)
        return opened.error();
    if (!opened)
        return fail(ArchiveErrc::RingLocked,
                    utf8Of(m_root / kRingFile) + " (" + opened.error().code.message() + ")");
    crypto::KeyRing all = ring;
    all.merge(opened->ring);
    return crypto::sealRing(all, opened->passphrase);
}

/// Nobody else rewrites the file between our reading and our writing.
Result<std::unique_ptr<Claim>> FolderArchive::claimRing()
{
    for (int round = 1; round <= kWaitRounds; ++round) {
        auto claim = Claim::take(recDir(), m_instance->dir(), m_instance->id(), kRingClaim, "");
        if (!claim)
            return claim.error();
        if (claim->taken == Claim::Taken::ByMe)
            return std::move(claim->claim);
        std::this_thread::sleep_for(kWait);
        if (round % kAdoptEvery == 0)
            if (auto adopted = adoptDead(); !adopted)
                return adopted.error();
    }
    return fail(BaseErrc::Locked, "another program is writing " + std::string(kRingFile));
}

Status FolderArchive::carryOutRing(const Job& job)
{
    auto out = writer();
    if (!out)
        return out.error();
    JournalRecord record;
    record.kind = JournalKind::Ring;
    record.bytes = job.content.size();
    record.sha256 = toHex(crypto::sha256(job.content));
    if (auto appended = (*out)->append(std::move(record)); !appended)
        return appended.error();
    if (auto passed = step("journal"); !passed)
        return passed;
    if (auto put = m_store->putBytes(job.content, kRingFile, Store::IfThere::Replace); !put)
        return put;
    return step("ring");
}

Status FolderArchive::finishRing(const Path& dir, const std::string& instance)
{
    const Path file = dir / pathOf(jobFile({}));
    if (fileExists(file)) {
        const auto job = readJob(file);
        if (!job && job.error().code != BaseErrc::Malformed)
            return job.error();
        // Saying it twice in the journal does no harm.
        if (auto done = job ? carryOutRing(*job) : Status{}; !done)
            return done;
        if (auto removed = removeFile(file); !removed)
            return removed;
    }
    dropClaim(recDir(), kRingClaim, instance);
    return {};
}

} // namespace sr::archive
