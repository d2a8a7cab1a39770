// SPDX-License-Identifier: GPL-3.0-or-later
// Who serves a waiting queue.
#pragma once

#include "core/pbx/directory.h"

namespace sr::pbx {

/// People alone; who is in both groups stands in both. Valid as long as the directory.
struct QueueMembers {
    std::vector<const Object*> primary; ///< without such a group those whom the queue acts for
    std::vector<const Object*> secondary;
};
QueueMembers queueMembers(const Object& queue, const Directory& directory);

} // namespace sr::pbx
