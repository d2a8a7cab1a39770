// SPDX-License-Identifier: GPL-3.0-or-later
// What can be wrong with a script: when it is loaded, while it runs, and with the names it stores under.
#pragma once

#include "core/base/error.h"

namespace sr::script {

enum class ScriptErrc {
    Malformed = 1,    ///< no well-formed XML, or tags where they may not stand; the context has the line
    UnknownTag,       ///< a tag that this language does not have
    MissingAttribute, ///< a tag lacks what it cannot do without
    TooLarge,         ///< more octets, levels, elements or attributes than a script may have
    NoMain,           ///< no function `Main`
    UnknownFunction,  ///< `call` names what is not there
    StepLimit,        ///< more steps than a script may take
    TimeLimit,        ///< ran longer than a script may
    CallDepth,        ///< functions and blocks stand too deep in one another
    VariableLimit,    ///< too many variables
    ValueTooLong,     ///< a value is longer than a variable may be
    BadName,          ///< a name that could lead out of the folder of the script
};

const std::error_category& scriptCategory() noexcept;
inline std::error_code make_error_code(ScriptErrc e) noexcept
{
    return {static_cast<int>(e), scriptCategory()};
}

} // namespace sr::script

template <>
struct std::is_error_code_enum<sr::script::ScriptErrc> : std::true_type {};
