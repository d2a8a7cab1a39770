// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the database errors.
#include "core/store/store_errors.h"

namespace sr::store {
namespace {

const char* text(StoreErrc e) noexcept
{
    switch (e) {
    case StoreErrc::NewerVersion:
        return "the database was written by a newer version of the program";
    case StoreErrc::Corrupt:
        return "the database is damaged";
    case StoreErrc::Foreign:
        return "the file is a database of another program";
    case StoreErrc::Busy:
        return "the database is in use by another program";
    case StoreErrc::Constraint:
        return "the change breaks a rule of the database";
    case StoreErrc::Failed:
        return "the database refused";
    }
    return "unknown database error";
}

} // namespace

const std::error_category& storeCategory() noexcept
{
    static const EnumCategory<StoreErrc> category("store", &text);
    return category;
}

} // namespace sr::store
