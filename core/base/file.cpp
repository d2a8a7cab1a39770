// SPDX-License-Identifier: GPL-3.0-or-later
// What files can do on every platform from the primitives.
#include "core/base/file.h"

#include <atomic>
#include <random>

namespace sr {

Result<Bytes> readFile(const Path& path, std::uint64_t limit)
{
    auto file = File::open(path, OpenMode::Read);
    if (!file)
        return file.error();
    return readAll(**file, limit);
}

Status writeFileAtomic(const Path& path, ByteView bytes, bool secret)
{
    static std::atomic<unsigned> counter{std::random_device{}()};
    Path beside = path;
    beside += ".new" + std::to_string(counter.fetch_add(1));
    const auto write = [&]() -> Status {
        auto file = File::open(beside, OpenMode::CreateNew);
        if (!file)
            return file.error();
        if (auto written = (*file)->write(bytes); !written)
            return written;
        return (*file)->sync();
    };
    auto done = write();
    if (done && secret)
        done = makePrivate(beside);
    if (done)
        done = renameReplace(beside, path);
    if (!done) {
        (void)removeFile(beside);
        return done;
    }
    return syncDir(path.has_parent_path() ? path.parent_path() : Path("."));
}

} // namespace sr
