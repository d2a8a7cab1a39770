// SPDX-License-Identifier: GPL-3.0-or-later
// Whom a number reaches: objects, their forwards, and the devices that shall ring.
#pragma once

#include "core/base/clock.h"
#include "core/pbx/destination.h"
#include "core/pbx/directory.h"
#include "core/pbx/feature_codes.h"
#include "core/pbx/local_time.h"
#include "core/pbx/record_target.h"
#include "core/pbx/registrar.h"
#include "core/pbx/trunk_lines.h"

namespace sr::pbx {

/// Control thread.
class Routing {
public:
    /// Both outlive it.
    Routing(const Registrar& registrar, const Clock& clock)
        : m_registrar(registrar)
        , m_clock(clock)
    {}
    /// Before the first question, and with every change.
    void setDirectory(std::shared_ptr<const Directory> directory);
    /// How many calls an object has, but for the one of that id.
    using CallCount = std::function<std::size_t(const std::string& name, std::uint64_t but)>;
    void setCallCount(CallCount count) { m_callCount = std::move(count); }
    /// By whom trunks can be left; outlives it. Null: no trunk can be called.
    void setLines(TrunkLines* lines) { m_trunkLines = lines; }
    /// Whether no further call may come or go by a trunk or gateway, or come to a user.
    bool isFull(const Object& object, std::uint64_t but = 0) const;
    void setUtcOffset(UtcOffset offset) { m_utcOffset = std::move(offset); } ///< for times of booleans
    const Directory& directory() const { return *m_directory; }

    Destination destination(const Dialling& dialling) const;
    /// As others see the object; its number as from `node`.
    CallParty partyOf(const Object& object, std::string_view node = {}) const;
    /// That hold now for the caller.
    Forwards forwardsOf(const Object& object, const CallParty& caller, bool isForwarded = false) const;
    /// As recordTargetsOf(), of the object with that name and its telephone there.
    std::vector<relay::TapTarget> recordTargets(const std::string& name, const sip::Source& at) const;

private:
    struct Way;
    bool step(Way& way) const;
    void settle(Way& way) const;
    void settleLine(Way& way) const;
    bool isTurnedBack(Way& way, const Object& object) const;
    bool isByDialler(const Dialling& dialling) const;
    bool isForDialler(const Dialling& dialling, const FeatureCode& code) const;
    void settleCode(Way& way, const FeatureCode& code) const;
    bool settleService(Way& way, std::string contact, CallParty party) const;
    void addDevices(const Object& object, Way& way) const;
    void addMembers(const std::vector<const Object*>& members, const Object& of, Way& way) const;
    /// Whose group the calls to an executive go to instead; empty: to the executive.
    std::string secretariesOf(const Object& executive, const CallParty& caller) const;
    static void markSecretaries(Way& way);
    bool isOn(const Object& boolean) const;

    // routing_lines.cpp
    struct LineCall {
        std::string_view rest; ///< digits behind the number of the line
        std::string_view node; ///< where that number is meant
        const CallParty& caller;
        const Object* by; ///< who sends the call there: its rights count; null: nobody known
    };
    struct LineWays {
        std::vector<CalledDevice> devices;
        std::vector<CalledDevice> spare;
        int status = 0; ///< why there are none
    };
    LineWays lineWays(const Object& first, const LineCall& call) const;
    int addLine(const Object& line, const LineCall& call, LineWays& ways) const;
    std::vector<CalledDevice> exitsOf(const Object& line, const RouteStep& step,
                                      const CallParty& owner) const;

    const Registrar& m_registrar;
    const Clock& m_clock;
    std::shared_ptr<const Directory> m_directory;
    std::map<std::string, std::shared_ptr<const Trunk>, std::less<>> m_lines; ///< rules, by name
    TrunkLines* m_trunkLines = nullptr;
    CallCount m_callCount;
    UtcOffset m_utcOffset;
};

/// The URI with digits as its user part, escaped as RFC 3261 25.1 wants.
std::string uriWithUser(const std::string& uri, std::string_view digits);

} // namespace sr::pbx
