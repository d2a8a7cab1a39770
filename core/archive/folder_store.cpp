// SPDX-License-Identifier: GPL-3.0-or-later
// Store over a folder, local or on a share.
#include "core/archive/store.h"

#include <algorithm>
#include <atomic>

namespace sr::archive {
namespace {

constexpr std::size_t kNameMax = 4096;

/// `a/b/c`, without empty, `.` or `..` parts, drive letters or backslashes.
bool isSafeName(std::string_view name)
{
    if (name.empty() || name.size() > kNameMax || name.find('\0') != std::string_view::npos)
        return false;
    if (name.find('\\') != std::string_view::npos || name.find(':') != std::string_view::npos)
        return false;
    while (true) {
        const auto slash = name.find('/');
        const auto part = name.substr(0, slash);
        if (part.empty() || part == "." || part == "..")
            return false;
        if (slash == std::string_view::npos)
            return true;
        name.remove_prefix(slash + 1);
    }
}

class FolderStore final : public Store {
public:
    FolderStore(Path root, Path staging)
        : m_root(std::move(root))
        , m_staging(std::move(staging))
    {}

    Status putAtomic(const Path& staged, const std::string& name, IfThere ifThere) override
    {
        auto target = pathFor(name);
        if (!target)
            return target.error();
        const Path folder = target->parent_path();
        const auto move = [&] {
            return ifThere == IfThere::Refuse ? renameNew(staged, *target) : renameReplace(staged, *target);
        };
        auto moved = move();
        if (!moved && moved.error().code == BaseErrc::NotFound) { // the first of its month
            if (auto made = makeDirs(folder); !made)
                return made;
            moved = move();
        }
        if (!moved)
            return moved;
        return syncDir(folder);
    }

    Status putBytes(ByteView bytes, const std::string& name, IfThere ifThere) override
    {
        if (!isSafeName(name))
            return refused(name);
        const Path staged = m_staging / ("put" + std::to_string(m_counter.fetch_add(1)));
        auto done = writeStaged(staged, bytes);
        if (done)
            done = putAtomic(staged, name, ifThere);
        if (!done)
            (void)removeFile(staged);
        return done;
    }

    Result<std::unique_ptr<ByteSource>> openRange(const std::string& name) override
    {
        auto path = pathFor(name);
        if (!path)
            return path.error();
        auto file = File::open(*path, OpenMode::Read);
        if (!file)
            return file.error();
        return std::unique_ptr<ByteSource>(std::move(*file));
    }

    Result<std::vector<StoreEntry>> list(const std::string& folder) override
    {
        if (!folder.empty() && !isSafeName(folder))
            return refused(folder).error();
        auto entries = listDir(folder.empty() ? m_root : m_root / pathOf(folder));
        if (!entries)
            return entries.error();
        std::vector<StoreEntry> out;
        out.reserve(entries->size());
        const std::string prefix = folder.empty() ? "" : folder + "/";
        for (auto& entry : *entries)
            out.push_back({prefix + entry.name, entry.isDirectory, entry.bytes});
        std::sort(out.begin(), out.end(),
                  [](const StoreEntry& a, const StoreEntry& b) { return a.name < b.name; });
        return out;
    }

    Status rename(const std::string& from, const std::string& to) override
    {
        auto source = pathFor(from);
        auto target = pathFor(to);
        if (!source)
            return source.error();
        if (!target)
            return target.error();
        if (auto made = makeDirs(target->parent_path()); !made)
            return made;
        if (auto moved = renameNew(*source, *target); !moved)
            return moved;
        if (auto synced = syncDir(target->parent_path()); !synced)
            return synced;
        return source->parent_path() == target->parent_path() ? Status{} : syncDir(source->parent_path());
    }

    Status replaceHead(const std::string& name, std::uint64_t offset, ByteView bytes) override
    {
        auto path = pathFor(name);
        if (!path)
            return path.error();
        if (!fileExists(*path))
            return fail(BaseErrc::NotFound, "rewrite the head of " + name);
        auto file = File::open(*path, OpenMode::ReadWrite);
        if (!file)
            return file.error();
        if (offset + bytes.size() > (*file)->size())
            return fail(BaseErrc::Truncated, "rewrite the head of " + name);
        if (auto written = (*file)->writeAt(offset, bytes); !written)
            return written;
        return (*file)->sync();
    }

    Status remove(const std::string& name) override
    {
        auto path = pathFor(name);
        if (!path)
            return path.error();
        if (auto removed = removeFile(*path); !removed)
            return removed;
        return fileExists(path->parent_path()) ? syncDir(path->parent_path()) : Status{};
    }

    Path stagingDir() const override { return m_staging; }

private:
    static Status refused(const std::string& name)
    {
        return fail(BaseErrc::Malformed, "a storage name that leaves its folder: " + name.substr(0, 200));
    }
    Result<Path> pathFor(const std::string& name) const
    {
        if (!isSafeName(name))
            return refused(name).error();
        return m_root / pathOf(name);
    }
    static Status writeStaged(const Path& staged, ByteView bytes)
    {
        auto file = File::open(staged, OpenMode::CreateNew);
        if (!file)
            return file.error();
        if (auto written = (*file)->write(bytes); !written)
            return written;
        return (*file)->sync();
    }

    Path m_root;
    Path m_staging;
    std::atomic<std::uint64_t> m_counter{0};
};

} // namespace

Result<std::unique_ptr<Store>> openFolderStore(const Path& root, const Path& stagingDir)
{
    if (!fileExists(root))
        return fail(BaseErrc::NotFound, "archive folder " + utf8Of(root));
    return std::unique_ptr<Store>(std::make_unique<FolderStore>(root, stagingDir));
}

} // namespace sr::archive
