// SPDX-License-Identifier: GPL-3.0-or-later
// Key rotation: two fields of every sealed file, in place.
#include "core/archive/folder_archive.h"
#include "core/crypto/sealed.h"

namespace sr::archive {

Result<std::uint64_t> FolderArchive::rotateKeys(Progress& progress)
{
    if (auto may = needInstance(); !may)
        return may.error();
    if (auto retried = retryUnfinished(); !retried)
        return retried.error();
    auto key = sealingKey(crypto::KeyPurpose::Archive);
    if (!key)
        return key.error();
    auto out = writer();
    if (!out)
        return out.error();
    JournalRecord record;
    record.kind = JournalKind::Rotate;
    record.extra = "key=" + toHex((*key)->id);
    if (auto appended = (*out)->append(std::move(record)); !appended)
        return appended.error();

    auto folders = m_store->list("");
    if (!folders)
        return folders.error();
    std::erase_if(*folders, [](const StoreEntry& e) { return !e.isFolder || !isMonthFolder(e.name); });
    std::vector<StoreEntry> files;
    for (const auto& folder : *folders) {
        auto entries = m_store->list(folder.name);
        if (!entries)
            return entries.error();
        for (auto& entry : *entries)
            if (!entry.isFolder && !splitFile(entry.name).second.empty())
                files.push_back(std::move(entry));
    }
    std::uint64_t changed = 0;
    std::optional<Error> failed;
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (progress.cancelled())
            return fail(BaseErrc::Cancelled, "key rotation");
        if (auto done = rewrapFile(files[i].name, **key, changed); !done && !failed)
            failed = Error{done.error().code, files[i].name + ", " + done.error().context};
        if (auto passed = step("rewrap"); !passed)
            return passed.error();
        progress.report(i + 1, files.size());
    }
    if (failed)
        return *failed;
    return changed;
}

Status FolderArchive::rewrapFile(const std::string& name, const crypto::Key& key, std::uint64_t& changed)
{
    {
        auto source = m_store->openRange(name);
        if (!source) // gone meanwhile
            return source.error().code == BaseErrc::NotFound ? Status{} : Status{source.error()};
        const auto header = crypto::readSealedHeader(**source);
        // Clear files have no key; what is not sound is for verify to tell, the others go on.
        if (!header || header->keyId == key.id)
            return {};
    }
    auto file = File::open(m_root / pathOf(name), OpenMode::ReadWrite);
    if (!file)
        return file.error();
    auto done = crypto::rewrap(**file, m_secrets.ring, key);
    changed += done ? 1 : 0;
    return done;
}

} // namespace sr::archive
