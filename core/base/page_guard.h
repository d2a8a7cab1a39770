// SPDX-License-Identifier: GPL-3.0-or-later
// Pages of a mapped file that cannot be read become zeros and a note, instead of ending the program.
#pragma once

#include <atomic>
#include <cstddef>

namespace sr {

/// Watches one mapping while it lives. Any thread. The first one takes over SIGBUS for the program (POSIX);
/// a SIGBUS at any other place goes where it went before. Without room for another mapping (32,768) it does
/// not watch.
class PageGuard {
public:
    /// Sets `damaged`, which outlives it, once a page could not be read; that page stays zero from then on.
    PageGuard(const void* begin, std::size_t bytes, std::atomic<bool>& damaged);
    ~PageGuard();
    PageGuard(const PageGuard&) = delete;
    PageGuard& operator=(const PageGuard&) = delete;

private:
    std::size_t m_slot;
};

} // namespace sr
