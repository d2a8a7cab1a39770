// SPDX-License-Identifier: GPL-3.0-or-later
// What can go wrong between switchroomctl and a running service.
#pragma once

#include "core/base/error.h"

namespace sr::control {

enum class ControlErrc {
    NotRunning = 1, ///< nobody listens there
    Listen,         ///< the service cannot listen there
    NoAnswer,       ///< it took too long, or the service ended meanwhile
    NotProtocol,    ///< what came is no answer of ours
    Refused,        ///< the service said no; the context is its sentence
};

const std::error_category& controlCategory() noexcept;
inline std::error_code make_error_code(ControlErrc e) noexcept
{
    return {static_cast<int>(e), controlCategory()};
}

} // namespace sr::control

template <>
struct std::is_error_code_enum<sr::control::ControlErrc> : std::true_type {};
