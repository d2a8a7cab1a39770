// SPDX-License-Identifier: GPL-3.0-or-later
// tcmalloc, by its own interface.
#include "app/service/heap.h"

#include <gperftools/malloc_extension.h>

#include <cstdlib>

namespace sr::service {

void settleHeap()
{
    constexpr std::size_t kCaches = std::size_t{4} << 20;
    constexpr std::size_t kAhead = std::size_t{1} << 30; // some ten thousands of calls
    (void)MallocExtension::instance()->SetNumericProperty("tcmalloc.max_total_thread_cache_bytes", kCaches);
    // tcmalloc asks for 1 MiB at a time else. Volatile, or the compiler leaves both out.
    void* const volatile ahead = std::malloc(kAhead);
    std::free(ahead);
}

} // namespace sr::service
