// SPDX-License-Identifier: GPL-3.0-or-later
// Nothing to watch on Win32. Only the spool's own scratch file is mapped: its space is reserved, nobody else
// may write or cut it, and a page of it that a broken disk cannot give back ends the program as any lost
// memory would.
#include "core/base/page_guard.h"

namespace sr {

PageGuard::PageGuard(const void* /*begin*/, std::size_t /*bytes*/, std::atomic<bool>& /*damaged*/)
    : m_slot(0)
{}

PageGuard::~PageGuard() = default;

} // namespace sr
