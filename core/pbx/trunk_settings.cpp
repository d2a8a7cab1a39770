// SPDX-License-Identifier: GPL-3.0-or-later
// Texts that have been checked one by one become a trunk, which is checked as a whole.
#include "core/pbx/trunk_settings.h"

#include "core/pbx/object_settings.h"
#include "core/pbx/pbx_error.h"

namespace sr::pbx {
namespace {

constexpr std::uint32_t kUsualExpires = 600; ///< [s]; chosen

sip::Transport transportOf(const Object& object)
{
    const std::string& name = textSetting(object, "transport");
    return name == "tls" ? sip::Transport::Tls : name == "tcp" ? sip::Transport::Tcp : sip::Transport::Udp;
}

CallerIn callerInOf(const Object& object)
{
    const std::string& where = textSetting(object, "caller");
    return where == "from" ? CallerIn::From : where == "preferred" ? CallerIn::Preferred : CallerIn::Asserted;
}

/// Of registrars, and of addresses; that there are not both is checked later.
std::vector<TrunkAccount> accountsOf(const Object& object)
{
    std::vector<TrunkAccount> accounts;
    const auto add = [&](std::string_view host, bool registers) {
        TrunkAccount account;
        account.registrar = std::string(host);
        account.registers = registers;
        account.proxy = textSetting(object, "proxy");
        account.domain = textSetting(object, "domain");
        account.user = textSetting(object, "account");
        account.authUser = textSetting(object, "login");
        account.password = sip::Password(object.login);
        account.transport = transportOf(object);
        accounts.push_back(std::move(account));
    };
    for (const std::string_view registrar : wordsIn(textSetting(object, "registrar")))
        add(registrar, true);
    for (const std::string_view address : wordsIn(textSetting(object, "address")))
        add(address, false);
    return accounts;
}

RouteFilter filterOf(const Object& object)
{
    const std::string& only = textSetting(object, "only");
    const std::string& except = textSetting(object, "except");
    if (!only.empty())
        return {RouteFilter::Kind::Only, {}, {only}};
    return except.empty() ? RouteFilter() : RouteFilter{RouteFilter::Kind::Except, {}, {except}};
}

DialPlan planOf(const Object& object)
{
    DialPlan plan;
    plan.country = textSetting(object, "country");
    plan.area = textSetting(object, "area");
    return plan;
}

Status readChanges(const Object& object, Trunk& trunk)
{
    const std::pair<const char*, NumberChange*> all[] = {{"called-in", &trunk.calledIn},
                                                         {"calling-in", &trunk.callingIn},
                                                         {"called-out", &trunk.calledOut},
                                                         {"calling-out", &trunk.callingOut}};
    for (const auto& [key, change] : all) {
        auto read = parseNumberChange(textSetting(object, key));
        if (!read)
            return fail(PbxErrc::BadTrunk, "trunk " + object.name + ": " + key + " " + read.error().context);
        *change = std::move(*read);
    }
    // Numbers of the own country are called back without its code, unless somebody wants otherwise.
    if (textSetting(object, "calling-in").empty() && !trunk.plan.country.empty() && !trunk.isInside)
        trunk.callingIn.form = NumberForm::National;
    return {};
}

} // namespace

bool isLine(const Object& object)
{
    return object.kind == Kind::Trunk || object.kind == Kind::Gateway;
}

Result<Trunk> trunkOf(const Object& object)
{
    Trunk trunk;
    trunk.name = object.name;
    trunk.isGateway = object.kind == Kind::Gateway;
    trunk.provesItself = trunk.isGateway && !object.secret.empty();
    trunk.isAsked = textSetting(object, "options") != "off";
    trunk.ownNumber = textSetting(object, "own");
    trunk.expires = numberSetting(object, "expires").value_or(kUsualExpires);
    trunk.callerIn = callerInOf(object);
    trunk.maxCalls = numberSetting(object, "calls").value_or(0);
    for (const std::string_view word : wordsIn(textSetting(object, "peers")))
        if (const auto peer = IpAddress::parse(std::string(word)))
            trunk.peers.push_back(*peer);
    trunk.loopback = textSetting(object, "loopback");
    trunk.incomplete = textSetting(object, "incomplete");
    trunk.incoming = textSetting(object, "incoming");
    trunk.plan = planOf(object);
    trunk.filter = filterOf(object);
    trunk.enblock = numberSetting(object, "enblock").value_or(0);
    trunk.next = textSetting(object, "next");
    trunk.isInside = flagSetting(object, "inside");
    if (auto read = readChanges(object, trunk); !read)
        return read.error();
    trunk.accounts = accountsOf(object);
    if (trunk.isGateway && trunk.accounts.empty())
        return trunk; // it registers here
    if (auto good = check(trunk); !good)
        return good.error();
    return trunk;
}

} // namespace sr::pbx
