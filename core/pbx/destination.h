// SPDX-License-Identifier: GPL-3.0-or-later
// What somebody dials, and whom that reaches.
#pragma once

#include "core/pbx/number_node.h"
#include "core/pbx/object.h"
#include "core/pbx/registrar.h"
#include "core/pbx/trunk.h"

namespace sr::pbx {

/// Kind of who does what the codes say that telephones dial (pbx-interfaces.md 2.1).
inline constexpr std::string_view kCodesPseudo = "dtmf-ctrl";

/// Who takes part, as others shall see it.
struct CallParty {
    std::string name;   ///< of the object; empty: somebody outside of the exchange
    std::string number; ///< the name if it has none
    std::string longName;
    std::vector<std::string> groups = {};
    std::string pseudo = {}; ///< of an object that is no user: its kind
    bool external = false;   ///< calls from or to another exchange
    /// A trunk or gateway itself, where number and long name are those of who is behind it.
    struct Line {
        std::string number; ///< may be empty
        std::string longName;
        std::string behind = {}; ///< number there, without that of the line; empty: unknown, or nobody
    };
    std::optional<Line> line = {};
    bool withheld = false; ///< the number is for nobody outside (RFC 3323)
    RecordMode record = RecordMode::Off;
    bool asksRecordTo = true;     ///< as its object does; false: not for this call
    bool passesBy = false;        ///< its media may go past the exchange, where the other side's may, too
    bool srtp = true;             ///< it is offered SRTP where the other side has that
    bool leadsToRecorded = false; ///< a queue, whose callers may get to who is recorded (queue_recording.h)
    std::uint8_t shortBy = 0;     ///< [digits] of the node's number that `number` goes without
    std::shared_ptr<const NumberNode> node = {}; ///< around the object; null: the root
    std::string through = {}; ///< name of the group that is called, and by which this one is
};

/// As records and recordings name it, wherever it was dialled; empty: nobody known. Behind a line with the
/// number there.
std::string numberFromRoot(const CallParty& party);
/// Likewise of a line itself; empty: it has none.
std::string lineFromRoot(const CallParty& party);

/// What answers to feature codes has this name, and no object.
inline constexpr const char* kFeatures = "*";

/// Who is behind a line at that number, with a name to be shown: number and name if there is none.
CallParty behindLine(CallParty line, std::string_view number, const std::string& shown = {});

/// A forward that a call has followed.
struct ForwardStep {
    CallParty by;
    std::string to;          ///< number
    const char* reason = ""; ///< as sip::Diversion has it
};

/// A number that is dialled, or forwarded or transferred to.
struct Dialling {
    std::string digits; ///< or a name
    CallParty caller;   ///< who will talk
    std::string by;     ///< name of the object in whose node the number is meant; empty: the root
    std::vector<std::string> passed = {}; ///< names of who forwarded the call already
    std::uint64_t call = 0;               ///< Call::Plan::id of one that runs, and goes there; 0: a new one
};

/// How a call leaves by a trunk or gateway.
struct LineExit {
    std::shared_ptr<const Trunk> trunk;
    std::optional<std::size_t> account; ///< none: by a gateway, which has registered itself
    std::string called;                 ///< in the spelling that is wanted there
    std::string calling;                ///< likewise; empty: whatever number is that of the line
};

/// A device that shall ring.
struct CalledDevice {
    Binding at;
    CallParty owner;                           ///< of a group each may have its own
    std::shared_ptr<const LineExit> exit = {}; ///< null: a telephone, or a service
    sip::IceUse ice = sip::IceUse::Lite;       ///< as its object says
};

/// Puts in the invite of a device what the exit wants.
void leaveBy(const LineExit& exit, const sip::Source& way, const CallParty& caller,
             sip::OutgoingInvite& invite);

/// How long a call rings without an answer before CFNR, unless told.
inline constexpr std::chrono::seconds kRing{20};

/// Whom a number reaches, behind all forwards that hold at once.
struct Destination {
    CallParty party;
    std::vector<CalledDevice> devices; ///< none only if there is a status
    bool record = false;               ///< whoever answers
    Forwards forwards = {};
    std::chrono::seconds ring = kRing;    ///< without an answer, then CFNR
    std::vector<std::string> passed = {}; ///< names of the objects on the way, this one too
    std::vector<ForwardStep> steps = {};  ///< to here from what was dialled
    int status = 0;                       ///< why nobody is reached, as SIP says it; 0: somebody is
    std::vector<CalledDevice> spare = {}; ///< called in turn where the ones before are out of order
};

} // namespace sr::pbx
