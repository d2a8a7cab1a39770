// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the base error codes.
#include "core/base/error.h"

namespace sr {
namespace {

const char* text(BaseErrc e) noexcept
{
    switch (e) {
    case BaseErrc::NotFound:
        return "not found";
    case BaseErrc::Exists:
        return "already exists";
    case BaseErrc::Denied:
        return "permission denied";
    case BaseErrc::DiskFull:
        return "the disk is full";
    case BaseErrc::TooLarge:
        return "larger than allowed";
    case BaseErrc::Truncated:
        return "ends too early";
    case BaseErrc::Locked:
        return "in use by another program";
    case BaseErrc::Cancelled:
        return "cancelled";
    case BaseErrc::Malformed:
        return "malformed";
    case BaseErrc::Io:
        return "input/output error";
    }
    return "unknown error";
}

} // namespace

const std::error_category& baseCategory() noexcept
{
    static const EnumCategory<BaseErrc> category("base", &text);
    return category;
}

} // namespace sr
