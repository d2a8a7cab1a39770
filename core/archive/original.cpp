// SPDX-License-Identifier: GPL-3.0-or-later
// Telling an archive of the original recorder from any other folder.
#include "core/archive/original.h"

#include "core/archive/folder_archive.h"

#include <algorithm>
#include <limits>

namespace sr::archive {
namespace {

Result<std::vector<std::string>> monthsOf(const Path& root)
{
    const auto entries = listDir(root);
    if (!entries)
        return entries.error();
    std::vector<std::string> months;
    for (const auto& entry : *entries)
        if (entry.isDirectory && isMonthFolder(entry.name))
            months.push_back(entry.name);
    std::sort(months.begin(), months.end());
    return months;
}

bool isRecording(const DirEntry& entry)
{
    const auto [stem, extension] = splitFile(entry.name);
    return !entry.isDirectory && formatOfExtension(extension) && parseRecordingName(stem);
}

} // namespace

bool looksLikeOriginal(const Path& root)
{
    for (const char* file : {"SPlayer.xml", "iREC_Player_log.txt"}) // decisions.md 24
        if (fileExists(root / "TMP" / file))
            return true;
    const auto months = monthsOf(root);
    if (!months)
        return false;
    return std::any_of(months->begin(), months->end(), [&](const std::string& month) {
        const auto entries = listDir(root / pathOf(month));
        return entries && std::any_of(entries->begin(), entries->end(), isRecording);
    });
}

std::string idOfOriginal(const Path& root)
{
    return toHex(crypto::sha256(bytesOf("original archive\n" + utf8Of(realPath(root))))).substr(0, 32);
}

Result<std::uint64_t> markOfTree(const Path& root)
{
    const auto months = monthsOf(root);
    if (!months)
        return months.error();
    crypto::Sha256Hasher hasher;
    for (const auto& month : *months) {
        auto entries = listDir(root / pathOf(month));
        if (!entries)
            return entries.error();
        std::sort(entries->begin(), entries->end(),
                  [](const DirEntry& a, const DirEntry& b) { return a.name < b.name; });
        hasher.add(bytesOf("\n" + month + "\n"));
        for (const auto& entry : *entries)
            hasher.add(bytesOf(entry.name + "/" + std::to_string(entry.bytes) + "\n"));
    }
    const auto digest = hasher.finish();
    return loadBe<std::uint64_t>(digest.data()) & std::uint64_t{std::numeric_limits<std::int64_t>::max()};
}

} // namespace sr::archive
