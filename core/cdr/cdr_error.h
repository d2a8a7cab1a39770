// SPDX-License-Identifier: GPL-3.0-or-later
// What can be wrong with call data records and with their way to a receiver.
#pragma once

#include "core/base/error.h"

namespace sr::cdr {

enum class CdrErrc {
    Malformed = 1, ///< no call data record; the context says where and why
    TooLarge,      ///< more octets, events or groups than a record may have
    Full,          ///< the outbox holds as much as it may; the new record is lost
    Damaged,       ///< octets of the outbox were changed; what can be read is kept
    Refused,       ///< the receiver will not have this record; it is kept aside
    Unreachable,   ///< the receiver does not take records now; they wait
};

const std::error_category& cdrCategory() noexcept;
inline std::error_code make_error_code(CdrErrc e) noexcept
{
    return {static_cast<int>(e), cdrCategory()};
}

} // namespace sr::cdr

template <>
struct std::is_error_code_enum<sr::cdr::CdrErrc> : std::true_type {};
