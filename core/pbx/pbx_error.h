// SPDX-License-Identifier: GPL-3.0-or-later
// What can be wrong with the users of the exchange; callers branch on these.
#pragma once

#include "core/base/error.h"

namespace sr::pbx {

enum class PbxErrc {
    NotFound = 1,   ///< no object of that name
    NameTaken,      ///< the registration name belongs to another user
    NumberTaken,    ///< the number belongs to another user
    LongNameTaken,  ///< the long name belongs to another user
    BadName,        ///< not a registration name; the context says which rule it breaks
    BadNumber,      ///< not a number
    BadLongName,    ///< not a long name
    BadGroup,       ///< not a group, or too many of them
    BadNode,        ///< there is no node of that name, or nodes stand in a circle
    BadDevice,      ///< not a device, or too many of them
    BadDiversion,   ///< not a call forward, or too many of them
    BadSetting,     ///< not a setting of this kind of object, or not a value of it
    BadXml,         ///< not an order in the XML of the administration; the context names line and fault
    NoPassword,     ///< a user without password could never register
    PasswordNeeded, ///< the hashes cover the name, so a new name needs the password
    NoCommonKeys,   ///< SRTP, and none of the keys that a device offers or takes is one that we know
    OtherMachine,   ///< the database was made with another settings key
    BadTrunk,       ///< not a trunk; the context says which rule it breaks
    BadRoute,       ///< not a route; likewise
    BadProfile,     ///< not a contact list, or too many of them
    TooMany,        ///< requests of somebody, or for somebody
};

const std::error_category& pbxCategory() noexcept;
inline std::error_code make_error_code(PbxErrc e) noexcept
{
    return {static_cast<int>(e), pbxCategory()};
}

} // namespace sr::pbx

template <>
struct std::is_error_code_enum<sr::pbx::PbxErrc> : std::true_type {};
