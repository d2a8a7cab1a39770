// SPDX-License-Identifier: GPL-3.0-or-later
// The system's or a sanitizer's allocator, which keeps little.
#include "app/service/heap.h"

namespace sr::service {

void boundHeapCaches() {}

} // namespace sr::service
