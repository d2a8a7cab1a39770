// SPDX-License-Identifier: GPL-3.0-or-later
// The system's or a sanitizer's allocator, left as it is.
#include "app/service/heap.h"

namespace sr::service {

void settleHeap() {}

} // namespace sr::service
