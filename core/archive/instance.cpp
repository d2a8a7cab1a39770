// SPDX-License-Identifier: GPL-3.0-or-later
// Instance folders and who holds them.
#include "core/archive/instance.h"

#include "core/crypto/digest.h"

namespace sr::archive {
namespace {

constexpr int kAttempts = 8;
constexpr std::size_t kIdDigits = 16;
constexpr const char* kLockName = "lock";
constexpr const char* kWriterName = "writer";

Result<std::string> newId()
{
    std::array<std::byte, kIdDigits / 2> octets{};
    if (auto random = crypto::randomBytes(octets); !random)
        return random.error();
    return toHex(octets);
}

bool holdsJobs(const Path& dir)
{
    const auto entries = listDir(dir);
    if (!entries)
        return false;
    for (const auto& entry : *entries)
        if (entry.name.ends_with(kJobExtension))
            return true;
    return false;
}

} // namespace

Result<std::unique_ptr<Instance>> Instance::create(const Path& recDir)
{
    if (auto made = makeDirs(recDir); !made)
        return made.error();
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        auto id = newId();
        if (!id)
            return id.error();
        std::unique_ptr<Instance> instance(new Instance);
        const Path dir = recDir / *id;
        if (auto made = makeDirs(dir); !made)
            return made.error();
        auto lock = File::open(dir / kLockName, OpenMode::CreateNew);
        if (!lock && lock.error().code != BaseErrc::NotFound && lock.error().code != BaseErrc::Exists)
            return lock.error();
        // Another program may take the folder for a dead one before it is locked; then a new one is made.
        if (!lock || !(*lock)->lock() || !fileExists(dir / kLockName))
            continue;
        instance->m_dir = dir;
        instance->m_id = std::move(*id);
        instance->m_lock = std::move(*lock);
        return instance;
    }
    return fail(BaseErrc::Locked, "make a work folder in " + utf8Of(recDir));
}

Instance::~Instance()
{
    if (m_lock && !holdsJobs(m_dir) && !m_writerNoted) // else left for the next program to complete
        (void)removeTree(m_dir);
}

Status Instance::noteWriter(const std::string& writer)
{
    m_writerNoted = true;
    return writeFileAtomic(m_dir / kWriterName, bytesOf(writer));
}

bool isInstanceId(std::string_view name)
{
    return name.size() == kIdDigits && name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<std::vector<Path>> instanceDirs(const Path& recDir)
{
    std::vector<Path> dirs;
    const auto entries = listDir(recDir);
    if (!entries)
        return entries.error().code == BaseErrc::NotFound ? Result<std::vector<Path>>(dirs) : entries.error();
    for (const auto& entry : *entries)
        if (entry.isDirectory && isInstanceId(entry.name))
            dirs.push_back(recDir / pathOf(entry.name));
    return dirs;
}

Result<std::vector<DeadInstance>> findDeadInstances(const Path& recDir)
{
    auto dirs = instanceDirs(recDir);
    if (!dirs)
        return dirs.error();
    std::vector<DeadInstance> dead;
    for (const auto& dir : *dirs) {
        auto lock = File::open(dir / kLockName, OpenMode::ReadWrite);
        if (!lock || !(*lock)->lock())
            continue;
        DeadInstance instance{utf8Of(dir.filename()), dir, {}, std::move(*lock)};
        if (const auto writer = readFile(dir / kWriterName, 256))
            instance.writer = textOf(*writer);
        if (instance.writer.find_first_not_of("0123456789abcdef-") != std::string::npos)
            instance.writer.clear();
        dead.push_back(std::move(instance));
    }
    return dead;
}

} // namespace sr::archive
