// SPDX-License-Identifier: GPL-3.0-or-later
// How long work tells where it is and learns that the person stopped it.
#pragma once

#include <atomic>
#include <cstdint>

namespace sr {

/// Passed down into import, verify, convert, reindex. Default: silent and never cancelled.
/// report() is called from the worker that runs the job, often (implementations throttle); cancel() from any
/// thread.
class Progress {
public:
    virtual ~Progress() = default;
    /// `done` of `total` in the job's own unit (octets for import, files for the others); total 0 = unknown.
    virtual void report(std::uint64_t /*done*/, std::uint64_t /*total*/) {}
    void cancel() noexcept { m_cancelled.store(true, std::memory_order_relaxed); }
    bool cancelled() const noexcept { return m_cancelled.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> m_cancelled{false};
};

} // namespace sr
