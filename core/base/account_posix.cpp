// SPDX-License-Identifier: GPL-3.0-or-later
// Accounts on POSIX.
#include "core/base/account.h"

#include <unistd.h>

namespace sr {

bool runsForMachine()
{
    return ::geteuid() == 0;
}

} // namespace sr
