// SPDX-License-Identifier: GPL-3.0-or-later
// The archive as a part of the service: completes what dead programs left and keeps the catalog up with all
// writers.
#pragma once

#include "core/engine/engine.h"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace sr::service {

/// Starts on construction, stops on destruction; works on its own thread. Errors go to `complain`, from that
/// thread.
class ArchivePart {
public:
    using Complain = std::function<void(const Error&)>;
    /// `archive` outlives it.
    ArchivePart(archive::Archive& archive, Complain complain);
    ~ArchivePart();
    ArchivePart(const ArchivePart&) = delete;
    ArchivePart& operator=(const ArchivePart&) = delete;

private:
    void run();
    archive::Archive& m_archive;
    Complain m_complain;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_stopping = false;
    std::thread m_thread; // last: everything it uses stands above
};

} // namespace sr::service
