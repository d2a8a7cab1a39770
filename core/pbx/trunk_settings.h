// SPDX-License-Identifier: GPL-3.0-or-later
// What the settings of a trunk or gateway object say (object_settings.h), as values.
#pragma once

#include "core/pbx/object.h"
#include "core/pbx/trunk.h"

namespace sr::pbx {

bool isLine(const Object& object); ///< a trunk or a gateway

/// Of a trunk with an account for each of its registrars, or for its address; of a gateway with one for its
/// address, or none. Errors as check(), of a
/// setting that cannot be read BadTrunk.
Result<Trunk> trunkOf(const Object& object);

} // namespace sr::pbx
