// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the errors about call data records.
#include "core/cdr/cdr_error.h"

namespace sr::cdr {
namespace {

const char* text(CdrErrc e) noexcept
{
    switch (e) {
    case CdrErrc::Malformed:
        return "this is no call data record";
    case CdrErrc::TooLarge:
        return "the call data record is too large";
    case CdrErrc::Full:
        return "the call data records that wait for their receiver take as much room as they may";
    case CdrErrc::Damaged:
        return "call data records that waited for their receiver were damaged";
    case CdrErrc::Refused:
        return "the receiver refused a call data record, which is kept aside";
    case CdrErrc::Unreachable:
        return "the receiver of call data records does not take them; they wait";
    }
    return "unknown error about call data records";
}

} // namespace

const std::error_category& cdrCategory() noexcept
{
    static const EnumCategory<CdrErrc> category("cdr", &text);
    return category;
}

} // namespace sr::cdr
