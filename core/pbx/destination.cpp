// SPDX-License-Identifier: GPL-3.0-or-later
// Parties and invites of calls that have an end outside of the exchange.
#include "core/pbx/destination.h"

namespace sr::pbx {
namespace {

/// As somebody outside can dial it.
std::string numberOutside(const Trunk& trunk, const std::string& number)
{
    return trunk.ownNumber.empty() || !checkNumber(number) ? std::string() : trunk.ownNumber + number;
}

std::string fromRoot(const CallParty& party, const std::string& seen)
{
    return party.node && !seen.empty() ? party.node->number.substr(0, party.shortBy) + seen : seen;
}

/// It is asked for as a telephone is, and trusted with numbers that nobody behind it shall see (RFC 3325 7).
void leaveByGateway(const LineExit& exit, const CallParty& caller, sip::OutgoingInvite& invite)
{
    if (!exit.trunk->accounts.empty())
        invite.server = serverOf(exit.trunk->accounts.front());
    if (!exit.calling.empty())
        invite.from.user = exit.calling;
    if (!caller.withheld)
        return;
    if (!exit.calling.empty())
        invite.asserted = sip::NameAddress{{}, exit.calling, invite.from.host};
    invite.from = {"Anonymous", "anonymous", "anonymous.invalid"};
    invite.isPrivate = true;
}

} // namespace

std::string numberFromRoot(const CallParty& party)
{
    return fromRoot(party, party.number);
}

std::string lineFromRoot(const CallParty& party)
{
    return party.line ? fromRoot(party, party.line->number) : std::string();
}

CallParty behindLine(CallParty line, std::string_view number, const std::string& shown)
{
    if (!line.line)
        line.line = CallParty::Line{line.number, line.longName};
    line.line->behind = number;
    line.number = number.empty() ? std::string() : line.line->number + std::string(number);
    line.longName = !shown.empty() ? shown : number.empty() ? line.line->longName : line.number;
    return line;
}

/// Conf-ID stays inside; who has diverted the call is told where that can be dialled.
void leaveBy(const LineExit& exit, const sip::Source& way, const CallParty& caller,
             sip::OutgoingInvite& invite)
{
    if (!exit.account)
        return leaveByGateway(exit, caller, invite);
    const TrunkAccount& account = exit.trunk->accounts.at(*exit.account);
    sip::OutgoingInvite out =
        trunkInvite(*exit.trunk, account, way, exit.called, {exit.calling, caller.longName, caller.withheld});
    out.sdp = std::move(invite.sdp);
    for (sip::Diversion& one : invite.diversions) {
        one.number = numberOutside(*exit.trunk, one.number);
        if (!one.number.empty())
            out.diversions.push_back(std::move(one));
    }
    invite = std::move(out);
}

} // namespace sr::pbx
