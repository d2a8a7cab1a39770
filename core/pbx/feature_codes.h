// SPDX-License-Identifier: GPL-3.0-or-later
// What telephones dial to have something done (pbx-interfaces.md 4.3).
#pragma once

#include "core/pbx/object.h"

#include <optional>

namespace sr::pbx {

struct FeatureCode {
    enum class Action : std::uint8_t {
        SetForward,      ///< `*21*n#`, busy `*67*n#`, no answer `*61*n#`
        ClearForward,    ///< `#21#`, `#67#`, `#61#`
        JoinGroups,      ///< `*31#`: all that the caller may join
        LeaveGroups,     ///< `#31#`
        PickUpGroup,     ///< `*8#`: a call that rings at somebody of the caller's groups
        PickUp,          ///< `*8*n#`: a call that rings at that number
        Park,            ///< `*16*n#`: at that position; what calls are handed over to
        Unpark,          ///< `#16*n#`
        PauseRecording,  ///< `*77#`: of the call that the caller holds, from here on
        ResumeRecording, ///< `#77#`
        StartRecording,  ///< `*78#`: of that call, where the caller has the switch
        StopRecording,   ///< `#78#`
        CompleteCall,    ///< `*37#`: the last call, which was in vain, as soon as who was meant is free
        ForgetCalls,     ///< `#37#`: that the caller has asked for so
    };
    Action action = Action::SetForward;
    Diversion::Type type = Diversion::Type::Always; ///< of forwards
    std::string number = {};                        ///< n
    bool operator==(const FeatureCode&) const = default;
};

/// Its number may be a position of a park object.
constexpr bool isParking(FeatureCode::Action action)
{
    return action == FeatureCode::Action::Park || action == FeatureCode::Action::Unpark;
}

/// Kinds that have telephones, and so forwards and groups that codes change.
constexpr bool mayDialCodes(Kind kind)
{
    return kind == Kind::User || kind == Kind::Executive;
}

/// Nothing for digits that are no code. The codes of forwards are the reference's, the others ours: it does
/// not name them. 37 is what networks have for it (3GPP TS 22.030 Annex B).
std::optional<FeatureCode> featureCodeOf(std::string_view dialled);

} // namespace sr::pbx
