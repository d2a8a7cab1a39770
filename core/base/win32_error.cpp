// SPDX-License-Identifier: GPL-3.0-or-later
// One table from Win32 error codes to what callers branch on.
#include "core/base/win32_error.h"

#include <windows.h>

namespace sr {

Error systemError(unsigned long code, const char* what, const Path& path)
{
    const std::string context = std::string(what) + " " + utf8Of(path);
    switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_BAD_PATHNAME:
    case ERROR_INVALID_DRIVE:
    case ERROR_DIRECTORY:
    case ERROR_DELETE_PENDING: // gone, but for those who still have it open
    case ERROR_BAD_NETPATH:
    case ERROR_BAD_NET_NAME:
        return fail(BaseErrc::NotFound, context);
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
    case ERROR_DIR_NOT_EMPTY:
        return fail(BaseErrc::Exists, context);
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT:
    case ERROR_PRIVILEGE_NOT_HELD:
        return fail(BaseErrc::Denied, context);
    case ERROR_SHARING_VIOLATION:
        return fail(BaseErrc::Denied, context + " (another program has it open and shares it with nobody)");
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
    case 1295: // ERROR_DISK_QUOTA_EXCEEDED, not in every header
    case ERROR_FILE_TOO_LARGE:
        return fail(BaseErrc::DiskFull, context);
    case ERROR_LOCK_VIOLATION:
        return fail(BaseErrc::Locked, context);
    default:
        return fail(BaseErrc::Io,
                    context + " (" + std::system_category().message(static_cast<int>(code)) + ")");
    }
}

} // namespace sr
