// SPDX-License-Identifier: GPL-3.0-or-later
// Windows does not tell it in a way that all its versions know.
#include "core/base/unacknowledged.h"

namespace sr {

std::int64_t unacknowledged(std::intptr_t)
{
    return 0;
}

} // namespace sr
