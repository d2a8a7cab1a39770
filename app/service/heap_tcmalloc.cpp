// SPDX-License-Identifier: GPL-3.0-or-later
// tcmalloc, by its own interface.
#include "app/service/heap.h"

#include <gperftools/malloc_extension.h>

namespace sr::service {

void boundHeapCaches()
{
    constexpr std::size_t kOctets = std::size_t{4} << 20;
    (void)MallocExtension::instance()->SetNumericProperty("tcmalloc.max_total_thread_cache_bytes", kOctets);
}

} // namespace sr::service
