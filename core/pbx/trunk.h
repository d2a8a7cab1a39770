// SPDX-License-Identifier: GPL-3.0-or-later
// A trunk: the accounts at SIP providers by which calls leave and come, or the address where they go without
// any registration (B1, pbx-interfaces.md 4.2), and the rules for it. What of it is no account holds for
// gateways as well. All texts are UTF-8.
#pragma once

#include "core/base/error.h"
#include "core/pbx/number_map.h"
#include "core/pbx/route.h"
#include "core/sip/registration.h"

namespace sr::pbx {

inline constexpr std::size_t kMaxTrunkAccounts = 16;    ///< of one trunk; chosen
inline constexpr std::size_t kMaxHostBytes = 255;       ///< RFC 1035 2.3.4, with a port
inline constexpr std::size_t kMaxAccountBytes = 127;    ///< of a user at the provider [octets]; chosen
inline constexpr std::uint32_t kShortestExpires = 60;   ///< [s]; chosen
inline constexpr std::uint32_t kLongestExpires = 86400; ///< [s]; chosen

/// One registration, or one address.
struct TrunkAccount {
    std::string registrar; ///< `host`, `host:port`, `[v6]` or `[v6]:port`; where calls go if it `!registers`
    std::string proxy;     ///< outbound proxy, likewise; empty: none
    std::string domain;    ///< host part of the address-of-record; empty: the registrar's host
    std::string user;      ///< user part of the address-of-record; an address may have none
    std::string authUser;  ///< for digest; empty: the user
    sip::Password password;
    sip::Transport transport = sip::Transport::Udp;
    bool registers = true; ///< else the other side knows us by our address, as we know it by its own
    bool operator==(const TrunkAccount&) const = default;
};

/// Where the provider looks for the calling number.
enum class CallerIn : std::uint8_t {
    Asserted,  ///< P-Asserted-Identity; From is the account
    Preferred, ///< P-Preferred-Identity; From is the account
    From       ///< From itself
};

struct Trunk {
    std::string name;                   ///< as of a user
    std::vector<TrunkAccount> accounts; ///< taken in turn
    std::string ownNumber; ///< what our numbers begin with out there, in the provider's spelling; `+4930123`
    std::uint32_t expires = 600; ///< [s] asked for
    CallerIn callerIn = CallerIn::Asserted;
    std::uint32_t maxCalls = 0;        ///< at once; 0: as many as there are
    std::vector<IpAddress> peers = {}; ///< from where it calls besides those who registered us
    NumberChange calledIn = {};        ///< of calls from the provider
    NumberChange callingIn = {};
    NumberChange calledOut = {}; ///< of calls to the provider
    NumberChange callingOut = {};
    std::string loopback = {};   ///< where a call from outside to outside goes; empty: refused
    std::string incomplete = {}; ///< where one with digits missing goes; empty: refused
    std::string incoming = {};   ///< set before what the provider calls, behind our own number
    DialPlan plan = {};          ///< of the place where its line is
    RouteFilter filter = {};     ///< who may call by it
    std::size_t enblock = 0;     ///< digits behind its number that must be there
    std::string next = {};       ///< name of the one by which calls leave that it does not take
    bool isGateway = false;      ///< numbers come and go as here, where a trunk has the provider's
    bool provesItself = false; ///< a gateway with a password: its calls are known by that, not by the address
    bool isAsked = true;       ///< by OPTIONS, whether it answers at its address
    bool isInside = false;     ///< a gateway whose numbers are ours: trunks may call by it
    bool operator==(const Trunk&) const = default;
};

/// Of a trunk, or a gateway with an address. PbxErrc::BadName, BadNumber, NoPassword, BadTrunk; the context
/// names the trunk and the rule that it breaks.
Status check(const Trunk& trunk);

/// `host`, `host:port`, `[v6]` or `[v6]:port`: nothing that could end a URI. BadTrunk.
Status checkHost(std::string_view host);

std::string domainOf(const TrunkAccount& account);
const std::string& serverOf(const TrunkAccount& account); ///< who is sent everything, `host` or `host:port`
sip::DigestAccount digestAccountOf(const TrunkAccount& account);

/// Who calls, as the exchange knows it.
struct TrunkCaller {
    std::string number; ///< already changed for the provider; empty: the account's
    std::string display;
    bool isWithheld = false; ///< CLIR: `anonymous@anonymous.invalid` (RFC 3323 4.1.1.3), Privacy: id
};

/// How a call to `digits`, those behind the number of the trunk, leaves; with one step at most.
RouteAnswer wayOut(const Trunk& trunk, std::string_view digits, const RouteCaller& from);

/// What the digits of a call from the provider are here; empty: none of ours is meant. `called` as TrunkCall
/// has it.
std::string dialledIn(const Trunk& trunk, const TrunkAccount& account, std::string_view called);
/// Likewise of a call from a gateway: dialled as here; what is no number, as a name, stays.
std::string dialledByGateway(const Trunk& gateway, std::string_view called);
/// Who calls from there, as it is dialled here behind the number of the trunk; empty: not to be known.
std::string callingIn(const Trunk& trunk, std::string_view number);

/// All but the SDP and the Conf-ID of an INVITE to `called`, in the provider's spelling. `way`: as TrunkLines
/// says.
sip::OutgoingInvite trunkInvite(const Trunk& trunk, const TrunkAccount& account, const sip::Source& way,
                                const std::string& called, const TrunkCaller& caller);

} // namespace sr::pbx
