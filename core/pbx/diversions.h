// SPDX-License-Identifier: GPL-3.0-or-later
// Which call forwards of an object hold for one caller now (pbx-interfaces.md 1.8).
#pragma once

#include "core/pbx/directory.h"

#include <functional>

namespace sr::pbx {

/// A caller as filters see one.
struct CallerFacts {
    std::string_view name;   ///< of an object; empty: from outside
    std::string_view number; ///< as it shows where the object is
    bool external = false;
    bool forwarded = false; ///< somebody has forwarded the call here
};

/// Whether a boolean object is on.
using IsOn = std::function<bool(const Object& boolean)>;

/// Of each type the first in the list that holds; a condition on an object that is gone never does.
Forwards forwardsFor(const Object& object, const CallerFacts& caller, const Directory& directory,
                     const IsOn& isOn);

/// By its setting, or by its times. `day`: 0 is Monday. `minute` of the day; both local.
bool isBooleanOn(const Object& boolean, int day, int minute);

} // namespace sr::pbx
