// SPDX-License-Identifier: GPL-3.0-or-later
// Claims as files that appear whole under a name that refuses a second one.
#include "core/archive/claims.h"

#include <atomic>

namespace sr::archive {
namespace {

constexpr std::uint64_t kClaimMax = 512;

std::string readClaim(const Path& path)
{
    const auto bytes = readFile(path, kClaimMax);
    return bytes ? std::string(textOf(*bytes)) : std::string();
}

} // namespace

Claim::~Claim()
{
    if (!m_path.empty())
        (void)removeFile(m_path);
}

Claim::Claim(Claim&& other) noexcept
    : m_path(std::move(other.m_path))
{
    other.m_path.clear();
}

Result<Claim::Outcome> Claim::take(const Path& recDir, const Path& staging, const std::string& instance,
                                   const std::string& uid, const std::string& fingerprint)
{
    static std::atomic<unsigned> counter{0};
    const Path folder = recDir / kClaimsFolder;
    const Path staged = staging / ("claim" + std::to_string(counter.fetch_add(1)));
    {
        auto file = File::open(staged, OpenMode::CreateNew);
        if (!file)
            return file.error();
        // Not synced: after a loss of power the program that claimed is gone as well.
        if (auto written = (*file)->write(bytesOf(instance + " " + fingerprint)); !written) {
            (void)removeFile(staged);
            return written.error();
        }
    }
    const Path path = folder / pathOf(uid);
    auto moved = renameNew(staged, path);
    if (!moved && moved.error().code == BaseErrc::NotFound) { // the first claim of all
        if (auto made = makeDirs(folder); !made)
            return made.error();
        moved = renameNew(staged, path);
    }
    if (moved)
        return Outcome{Taken::ByMe, std::unique_ptr<Claim>(new Claim(path))};
    (void)removeFile(staged);
    if (moved.error().code != BaseErrc::Exists)
        return moved.error();
    const auto text = readClaim(path);
    const auto blank = text.find(' ');
    const bool same = text.empty() || // gone meanwhile: look again
                      (blank != std::string::npos && !fingerprint.empty() &&
                       std::string_view(text).substr(blank + 1) == fingerprint);
    return Outcome{same ? Taken::BySameCall : Taken::ByOther, nullptr};
}

std::string claimant(const Path& recDir, const std::string& name)
{
    const auto text = readClaim(recDir / kClaimsFolder / pathOf(name));
    const auto blank = text.find(' ');
    return blank == std::string::npos ? std::string() : text.substr(0, blank);
}

void dropClaims(const Path& recDir, const std::string& deadInstance)
{
    const auto entries = listDir(recDir / kClaimsFolder);
    if (!entries)
        return;
    for (const auto& entry : *entries) {
        const Path path = recDir / kClaimsFolder / pathOf(entry.name);
        if (readClaim(path).starts_with(deadInstance + " "))
            (void)removeFile(path);
    }
}

void dropClaim(const Path& recDir, const std::string& uid, const std::string& instance)
{
    const Path path = recDir / kClaimsFolder / pathOf(uid);
    if (readClaim(path).starts_with(instance + " "))
        (void)removeFile(path);
}

void dropClaim(const Path& recDir, const std::string& uid)
{
    (void)removeFile(recDir / kClaimsFolder / pathOf(uid));
}

} // namespace sr::archive
