// SPDX-License-Identifier: GPL-3.0-or-later
// A call on its way from one device to another. Internal to the sources of Call.
#pragma once

#include "core/pbx/call_leg.h"

namespace sr::pbx {

/// `by` hands the call over, or is replaced; the `stayer` talks on, the target takes by's place. Until the
/// target has answered and the stayer has agreed, the old call is untouched, so that it goes on if the target
/// does not want it.
struct Call::Transfer {
    enum class Phase : std::uint8_t {
        Ringing,      ///< the target's devices ring
        AskingTarget, ///< the target talks already (to `by`) and gets the stayer's description
        AskingStayer, ///< the stayer gets the target's
        Returning,    ///< the stayer has left for a target that is gone, and gets by's again
    };
    Side by = Side::Caller;     ///< in the call as it was
    Side stayer = Side::Callee; ///< in the call as it will be
    Phase phase = Phase::Ringing;
    Destination callee; ///< the target; with the steps from whom it was meant for, without those who ring
    UtcTime since{};    ///< when the target began to ring
    std::optional<UtcTime> answered; ///< by the target
    std::unique_ptr<CallMedia> media;
    Legs ringing;
    TimePoint ringsSince{};
    std::unique_ptr<Leg> target;
    std::string targetSdp;
    std::string offer;              ///< the last one to who talks already: target or stayer
    std::optional<TimePoint> again; ///< when it is made anew, for it has met one of theirs
    unsigned glares = 0;            ///< how often it has
    int bestRefusal = 0;
    std::optional<bool> switched; ///< what the target has said that it wants (Call::switchRecording)
    bool paused = false;          ///< the call that the target was in: what is recorded goes on so
    bool talked = false;          ///< to the target, before: then its record is connected already
    bool own = false;             ///< the target is a device of who is there, or whom that one has called for
    bool invited = false;         ///< the target has called itself, and waits for its answer
    bool replaces = false;        ///< and takes by's place unasked (RFC 3891)
    std::string guid;             ///< of the call in which the target began to ring
    std::optional<CallParty> pickedFrom;  ///< whom it rang when the target picked it up
    TimePoint asked{};                    ///< when `by` did, or the target
    std::map<std::string, LegId> records; ///< of those who ring, by name of the owner
    LegId second = 0;       ///< call data record of who hands over, in the call that the target was in
    LegId targetRecord = 0; ///< the target's there
};

} // namespace sr::pbx
