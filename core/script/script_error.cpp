// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the errors about scripts.
#include "core/script/script_error.h"

namespace sr::script {
namespace {

const char* text(ScriptErrc e) noexcept
{
    switch (e) {
    case ScriptErrc::Malformed:
        return "this is no script";
    case ScriptErrc::UnknownTag:
        return "the script has a tag that is not known";
    case ScriptErrc::MissingAttribute:
        return "a tag of the script lacks an attribute";
    case ScriptErrc::TooLarge:
        return "the script is too large";
    case ScriptErrc::NoMain:
        return "the script has no function Main";
    case ScriptErrc::UnknownFunction:
        return "the script calls a function that it does not have";
    case ScriptErrc::StepLimit:
        return "the script took more steps than it may";
    case ScriptErrc::TimeLimit:
        return "the script ran longer than it may";
    case ScriptErrc::CallDepth:
        return "the functions of the script call one another too deep";
    case ScriptErrc::VariableLimit:
        return "the script has too many variables";
    case ScriptErrc::ValueTooLong:
        return "a value of the script is too long";
    case ScriptErrc::BadName:
        return "the script may not use this name for a file";
    }
    return "unknown error about scripts";
}

} // namespace

const std::error_category& scriptCategory() noexcept
{
    static const EnumCategory<ScriptErrc> category("script", &text);
    return category;
}

} // namespace sr::script
