// SPDX-License-Identifier: GPL-3.0-or-later
// Who is registered where: the bindings of RFC 3261 10.3, in memory; BindingKeeper keeps them over a restart.
#pragma once

#include "core/base/clock.h"
#include "core/sip/sip_types.h"

#include <functional>
#include <string_view>
#include <unordered_map>

namespace sr::pbx {

using TimePoint = std::chrono::steady_clock::time_point;

/// A device of a user.
struct Binding {
    sip::Contact contact; ///< its expires is what is left, where it was asked for
    sip::Source source;   ///< the way back, through whatever stands between (RFC 3581)
    std::string userAgent;
    std::string callId;
    std::uint32_t cseq = 0;
    TimePoint ends{};
    std::string domain = {}; ///< as its REGISTER has it
};

struct RegistrarLimits {
    std::uint32_t shortest = 60;  ///< [s]; less is refused with 423
    std::uint32_t longest = 3600; ///< [s]; more is cut to it
    std::uint32_t usual = 3600;   ///< [s], where the device says nothing
    std::size_t devicesPerUser = 16;
};

/// One thread. Bindings that have run out are gone for every question, and leave memory by sweep().
class Registrar {
public:
    explicit Registrar(RegistrarLimits limits = {})
        : m_limits(limits)
    {}
    /// All of the request or nothing of it; the caller has made sure that it is `user`'s own. 200 with all
    /// bindings, 400, 403 for too many devices, 423, or 500 for a request older than what is bound.
    sip::RegisterAnswer take(const std::string& user, const sip::RegisterRequest& request, TimePoint now);
    /// A device from before a restart, for no longer than a new one. False: it has run out, has registered
    /// meanwhile, or is one too many.
    bool restore(const std::string& user, Binding binding, TimePoint now);
    std::vector<Binding> bindings(const std::string& user, TimePoint now) const;
    void forget(const std::string& user);
    /// Every binding that has not run out, in no order.
    void visit(TimePoint now,
               const std::function<void(const std::string& user, const Binding& binding)>& each) const;
    void sweep(TimePoint now);
    std::size_t count(TimePoint now) const; ///< of bindings

private:
    using Devices = std::vector<Binding>;
    std::uint32_t secondsFor(const sip::RegisterRequest& request, const sip::Contact& contact) const;
    RegistrarLimits m_limits;
    std::unordered_map<std::string, Devices> m_users;
};

} // namespace sr::pbx
