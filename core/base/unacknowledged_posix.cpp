// SPDX-License-Identifier: GPL-3.0-or-later
// The send queue of Linux.
#include "core/base/unacknowledged.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

namespace sr {

std::int64_t unacknowledged(std::intptr_t socket)
{
    int octets = 0;
    return ::ioctl(static_cast<int>(socket), SIOCOUTQ, &octets) == 0 ? octets : 0;
}

} // namespace sr
