// SPDX-License-Identifier: GPL-3.0-or-later
// `*` switches on, `#` off; a number stands between `*` and `#`.
#include "core/pbx/feature_codes.h"

namespace sr::pbx {
namespace {

using Action = FeatureCode::Action;

struct Known {
    std::string_view begins;
    bool takesNumber;
    Action action;
    Diversion::Type type = Diversion::Type::Always;
};

constexpr Known kCodes[] = {
    {"*21*", true, Action::SetForward, Diversion::Type::Always},
    {"*67*", true, Action::SetForward, Diversion::Type::Busy},
    {"*61*", true, Action::SetForward, Diversion::Type::NoAnswer},
    {"#21", false, Action::ClearForward, Diversion::Type::Always},
    {"#67", false, Action::ClearForward, Diversion::Type::Busy},
    {"#61", false, Action::ClearForward, Diversion::Type::NoAnswer},
    {"*31", false, Action::JoinGroups},
    {"#31", false, Action::LeaveGroups},
    {"*8", false, Action::PickUpGroup},
    {"*8*", true, Action::PickUp},
    {"*16*", true, Action::Park},
    {"#16*", true, Action::Unpark},
    {"*77", false, Action::PauseRecording},
    {"#77", false, Action::ResumeRecording},
    {"*78", false, Action::StartRecording},
    {"#78", false, Action::StopRecording},
    {"*37", false, Action::CompleteCall},
    {"#37", false, Action::ForgetCalls},
};

} // namespace

std::optional<FeatureCode> featureCodeOf(std::string_view dialled)
{
    if (!dialled.ends_with('#') || dialled.size() < 2)
        return std::nullopt;
    dialled.remove_suffix(1);
    for (const Known& known : kCodes) {
        if (!dialled.starts_with(known.begins))
            continue;
        const std::string_view number = dialled.substr(known.begins.size());
        if (number.empty() != known.takesNumber)
            return FeatureCode{known.action, known.type, std::string(number)};
    }
    return std::nullopt;
}

} // namespace sr::pbx
