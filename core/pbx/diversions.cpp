// SPDX-License-Identifier: GPL-3.0-or-later
// The order of the list decides, so whoever reads it knows what happens; the reference's versions differ.
#include "core/pbx/diversions.h"

#include "core/pbx/object_settings.h"
#include "core/pbx/time_switch.h"

#include <algorithm>

namespace sr::pbx {
namespace {

bool fits(const CallerPattern& pattern, const CallerFacts& caller)
{
    return (!pattern.external || caller.external) && (!pattern.forwarded || caller.forwarded) &&
           (pattern.number.empty() || caller.number.starts_with(pattern.number)) &&
           (pattern.name.empty() || caller.name == pattern.name);
}

bool isMeant(const Diversion& one, const CallerFacts& caller)
{
    if (one.filter == Diversion::Filter::Everybody)
        return true;
    const bool named = std::ranges::any_of(one.callers, [&](const auto& each) { return fits(each, caller); });
    return named == (one.filter == Diversion::Filter::Only);
}

bool isInForce(const Diversion& one, const Directory& directory, const IsOn& isOn)
{
    if (one.boolean.empty())
        return true;
    const Object* boolean = directory.byName(one.boolean);
    return boolean != nullptr && boolean->kind == Kind::Boolean && isOn(*boolean) != one.unless;
}

} // namespace

Forwards forwardsFor(const Object& object, const CallerFacts& caller, const Directory& directory,
                     const IsOn& isOn)
{
    const auto first = [&](Diversion::Type type) {
        const auto found = std::ranges::find_if(object.diversions, [&](const Diversion& one) {
            return one.type == type && isMeant(one, caller) && isInForce(one, directory, isOn);
        });
        return found == object.diversions.end() ? std::string() : found->to;
    };
    return {first(Diversion::Type::Always), first(Diversion::Type::Busy), first(Diversion::Type::NoAnswer)};
}

bool isBooleanOn(const Object& boolean, int day, int minute)
{
    const std::string& state = textSetting(boolean, "state");
    if (state == "on" || state == "off")
        return state == "on";
    const auto times = TimeSwitch::parse(textSetting(boolean, "times"));
    return times && times->isOn(day, minute);
}

} // namespace sr::pbx
