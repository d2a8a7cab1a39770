// SPDX-License-Identifier: GPL-3.0-or-later
// The soft limit of getrlimit(2), raised to the hard one.
#include "core/base/open_files.h"

#include <sys/resource.h>

#include <algorithm>

namespace sr {

std::uint64_t allowOpenFiles()
{
    constexpr rlim_t kEnough = 262'144;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    const rlimit wanted{std::max(limit.rlim_cur, std::min(limit.rlim_max, kEnough)), limit.rlim_max};
    return ::setrlimit(RLIMIT_NOFILE, &wanted) == 0 ? wanted.rlim_cur : limit.rlim_cur;
}

} // namespace sr
