// SPDX-License-Identifier: GPL-3.0-or-later
// One table from errno to what callers branch on.
#include "core/base/posix_error.h"

#include <cerrno>

namespace sr {

Error systemError(int code, const char* what, const Path& path)
{
    const std::string context = std::string(what) + " " + utf8Of(path);
    switch (code) {
    case ENOENT:
    case ENOTDIR:
        return fail(BaseErrc::NotFound, context);
    case EEXIST:
    case ENOTEMPTY:
        return fail(BaseErrc::Exists, context);
    case EACCES:
    case EPERM:
    case EROFS:
        return fail(BaseErrc::Denied, context);
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return fail(BaseErrc::DiskFull, context);
    case EWOULDBLOCK:
        return fail(BaseErrc::Locked, context);
    default:
        return fail(BaseErrc::Io, context + " (" + std::system_category().message(code) + ")");
    }
}

} // namespace sr
