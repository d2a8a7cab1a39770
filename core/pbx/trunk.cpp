// SPDX-License-Identifier: GPL-3.0-or-later
// What goes into URIs as it stands is checked strictly; all else is escaped where it is written.
#include "core/pbx/trunk.h"

#include "core/pbx/object.h"
#include "core/pbx/pbx_error.h"
#include "core/sip/name_address.h"

#include <algorithm>

namespace sr::pbx {
namespace {

constexpr std::size_t kMaxPasswordBytes = 255; // chosen

std::string titleOf(const Trunk& trunk)
{
    return (trunk.isGateway ? "gateway " : "trunk ") + trunk.name;
}

Error refuse(const Trunk& trunk, const std::string& rule)
{
    return fail(PbxErrc::BadTrunk, titleOf(trunk) + ": " + rule);
}

bool hasControl(std::string_view text)
{
    return std::ranges::any_of(text, [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet < 0x20 || octet == 0x7f;
    });
}

/// Where the port begins, `:` included; the end if there is none.
std::size_t portAt(std::string_view host)
{
    const std::size_t bracket = host.rfind(']');
    const std::size_t colon = host.rfind(':');
    const bool isPort = colon != host.npos && (bracket == host.npos || colon > bracket);
    return isPort ? colon : host.size();
}

bool isName(std::string_view name)
{
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    return !name.empty() && name.front() != '-' && name.front() != '.' &&
           name.find_first_not_of(kLetters) == name.npos;
}

bool isPort(std::string_view digits)
{
    return !digits.empty() && digits.size() <= 5 && digits.find_first_not_of("0123456789") == digits.npos &&
           std::stoi(std::string(digits)) <= 65535 && std::stoi(std::string(digits)) > 0;
}

/// An address, with or without a port, and no name.
bool isLiteral(const std::string& host)
{
    std::string address = host.substr(0, portAt(host));
    if (address.starts_with('[') && address.size() > 2)
        address = address.substr(1, address.size() - 2);
    return IpAddress::parse(address).has_value();
}

Status checkAccount(const Trunk& trunk, const TrunkAccount& account)
{
    if (auto good = checkHost(account.registrar); !good)
        return refuse(trunk, (account.registers ? "registrar " : "address ") + good.error().context);
    for (const std::string* host : {&account.proxy, &account.domain})
        if (!host->empty())
            if (auto good = checkHost(*host); !good)
                return refuse(trunk, good.error().context);
    if (account.registers && account.user.empty())
        return refuse(trunk, "an account needs a user");
    if (!account.registers && !trunk.isAsked && !isLiteral(serverOf(account)))
        return refuse(trunk, "with `options=off` it needs an address of digits: nobody would look up a name");
    for (const std::string* text : {&account.user, &account.authUser})
        if (text->size() > kMaxAccountBytes || hasControl(*text))
            return refuse(trunk, "a user is too long or has a character that cannot be printed");
    if (account.registers && account.password.text().empty())
        return fail(PbxErrc::NoPassword, titleOf(trunk));
    if (account.password.text().size() > kMaxPasswordBytes || hasControl(account.password.text()))
        return refuse(trunk, "a password is too long or has a character that cannot be typed");
    return {};
}

} // namespace

Status checkHost(std::string_view host)
{
    const auto no = [&](const char* rule) { return fail(PbxErrc::BadTrunk, rule); };
    if (host.empty() || host.size() > kMaxHostBytes)
        return no("is empty or too long");
    const std::size_t at = portAt(host);
    if (at < host.size() && !isPort(host.substr(at + 1)))
        return no("has no port behind its colon");
    std::string_view name = host.substr(0, at);
    if (!name.starts_with('['))
        return isName(name) ? Status{} : Status(no("is neither a name nor an address"));
    const bool isSix = name.ends_with(']') && name.find(':') != name.npos &&
                       IpAddress::parse(name.substr(1, name.size() - 2)).has_value();
    return isSix ? Status{} : Status(no("is no IPv6 address in brackets"));
}

Status check(const Trunk& trunk)
{
    if (auto good = checkName(trunk.name); !good)
        return good;
    const auto isAddress = [](const TrunkAccount& account) { return !account.registers; };
    if (trunk.accounts.size() > 1 && std::ranges::any_of(trunk.accounts, isAddress))
        return refuse(trunk, "it registers or has one address, not both");
    if (trunk.accounts.empty() || trunk.accounts.size() > kMaxTrunkAccounts)
        return refuse(trunk, "it needs one account, and has at most " + std::to_string(kMaxTrunkAccounts));
    for (const TrunkAccount& account : trunk.accounts)
        if (auto good = checkAccount(trunk, account); !good)
            return good;
    if (trunk.expires < kShortestExpires || trunk.expires > kLongestExpires)
        return refuse(trunk, "registrations last " + std::to_string(kShortestExpires) + " to " +
                                 std::to_string(kLongestExpires) + " seconds");
    if (auto good = checkPrefix(trunk.ownNumber); !good)
        return good;
    for (const NumberChange* change :
         {&trunk.calledIn, &trunk.callingIn, &trunk.calledOut, &trunk.callingOut})
        if (auto good = checkChange(*change); !good)
            return good;
    for (const std::string* number : {&trunk.loopback, &trunk.incomplete})
        if (auto good = checkNumber(*number); !good)
            return good;
    if (!trunk.incoming.empty())
        if (auto good = checkNumber(trunk.incoming); !good)
            return good;
    if (!trunk.next.empty())
        if (auto good = checkName(trunk.next); !good)
            return good;
    return checkDialPlan(trunk.plan);
}

std::string domainOf(const TrunkAccount& account)
{
    return account.domain.empty() ? account.registrar.substr(0, portAt(account.registrar)) : account.domain;
}

const std::string& serverOf(const TrunkAccount& account)
{
    return account.proxy.empty() ? account.registrar : account.proxy;
}

sip::DigestAccount digestAccountOf(const TrunkAccount& account)
{
    return {account.authUser.empty() ? account.user : account.authUser, account.password};
}

RouteAnswer wayOut(const Trunk& trunk, std::string_view digits, const RouteCaller& from)
{
    Route way;
    way.name = way.gateway = trunk.name;
    way.called = trunk.calledOut;
    way.calling = trunk.callingOut;
    way.filter = trunk.filter;
    way.enblock = trunk.enblock;
    return route({trunk.plan, {std::move(way)}}, digits, from);
}

namespace {

std::string_view withoutPlus(std::string_view number)
{
    return number.starts_with('+') ? number.substr(1) : number;
}

/// What stands behind our own number, in whatever form the provider writes that; nothing if it is another.
std::optional<std::string> behindOwn(const Trunk& trunk, const std::string& number)
{
    if (trunk.ownNumber.empty())
        return std::nullopt;
    const std::string own = withPlus(trunk.plan, trunk.ownNumber);
    const std::string there = withPlus(trunk.plan, number);
    if (there.starts_with(own))
        return there.substr(own.size());
    const std::string_view bare = withoutPlus(own); // `49301234`, as many write it
    return number.starts_with(bare) ? std::optional(number.substr(bare.size())) : std::nullopt;
}

} // namespace

/// A name of the account, and of whoever else is no number, has no digits.
std::string dialledIn(const Trunk& trunk, const TrunkAccount& account, std::string_view called)
{
    const std::string number = changed(trunk.calledIn, trunk.plan, called);
    std::string digits = called == account.user ? std::string() : behindOwn(trunk, number).value_or(number);
    digits.insert(0, trunk.incoming);
    return checkNumber(digits) ? digits : std::string();
}

std::string dialledByGateway(const Trunk& gateway, std::string_view called)
{
    std::string number = changed(gateway.calledIn, gateway.plan, called);
    return checkNumber(number) ? number : std::string(called);
}

std::string callingIn(const Trunk& trunk, std::string_view number)
{
    std::string ours = changed(trunk.callingIn, trunk.plan, number);
    if (ours.starts_with('+'))
        ours.replace(0, 1, trunk.plan.international);
    return checkNumber(ours) ? ours : std::string();
}

sip::OutgoingInvite trunkInvite(const Trunk& trunk, const TrunkAccount& account, const sip::Source& way,
                                const std::string& called, const TrunkCaller& caller)
{
    const std::string domain = domainOf(account);
    const std::string& number = caller.number.empty() ? account.user : caller.number;
    sip::OutgoingInvite invite;
    invite.uri = sip::uriText({{}, called, domain});
    invite.way = way;
    invite.to = {{}, called, domain};
    invite.server = serverOf(account);
    if (!account.password.text().empty())
        invite.account = std::make_shared<const sip::DigestAccount>(digestAccountOf(account));
    const sip::NameAddress real{caller.display, number, domain};
    if (trunk.callerIn == CallerIn::Preferred)
        invite.preferred = real;
    else if (trunk.callerIn == CallerIn::Asserted || caller.isWithheld)
        invite.asserted = real;
    invite.isPrivate = caller.isWithheld;
    if (caller.isWithheld)
        invite.from = {"Anonymous", "anonymous", "anonymous.invalid"};
    else if (trunk.callerIn == CallerIn::From || account.user.empty())
        invite.from = real;
    else
        invite.from = {caller.display, account.user, domain};
    return invite;
}

} // namespace sr::pbx
