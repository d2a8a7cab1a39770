// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences for the errors of the control socket.
#include "app/control/control_error.h"

namespace sr::control {
namespace {

const char* textOf(ControlErrc e) noexcept
{
    switch (e) {
    case ControlErrc::NotRunning:
        return "no service runs there";
    case ControlErrc::Listen:
        return "the control socket cannot be opened";
    case ControlErrc::NoAnswer:
        return "the service did not answer";
    case ControlErrc::NotProtocol:
        return "what answered is not this service";
    case ControlErrc::Refused:
        return "the service refused";
    }
    return "unknown error of the control socket";
}

} // namespace

const std::error_category& controlCategory() noexcept
{
    static const EnumCategory<ControlErrc> category("control", &textOf);
    return category;
}

} // namespace sr::control
