// SPDX-License-Identifier: GPL-3.0-or-later
// What can go wrong with a database, whatever its kind; callers branch on these.
#pragma once

#include "core/base/error.h"

namespace sr::store {

enum class StoreErrc {
    NewerVersion = 1, ///< its schema was written by a newer program; left untouched
    Corrupt,          ///< not a database, or damaged
    Foreign,          ///< a database, but not of this kind
    Busy,             ///< another program kept it locked beyond the time-out
    Constraint,       ///< a rule of the schema forbids the change
    Failed,           ///< anything else; the context has the database's words
};

const std::error_category& storeCategory() noexcept;
inline std::error_code make_error_code(StoreErrc e) noexcept
{
    return {static_cast<int>(e), storeCategory()};
}

} // namespace sr::store

template <>
struct std::is_error_code_enum<sr::store::StoreErrc> : std::true_type {};
