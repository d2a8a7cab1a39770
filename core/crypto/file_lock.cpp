// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting for a file lock by asking again.
#include "core/crypto/file_lock.h"

#include <thread>

namespace sr::crypto {

Result<std::unique_ptr<File>> waitForLock(const Path& path, std::chrono::milliseconds patience)
{
    constexpr std::chrono::milliseconds kPause(5);
    auto file = File::open(path, OpenMode::ReadWrite);
    if (!file)
        return file.error();
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
        const auto locked = (*file)->lock();
        if (locked)
            return file;
        if (locked.error().code != BaseErrc::Locked || std::chrono::steady_clock::now() >= end)
            return locked.error();
        std::this_thread::sleep_for(kPause);
    }
}

} // namespace sr::crypto
