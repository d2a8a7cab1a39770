// SPDX-License-Identifier: GPL-3.0-or-later
// How the tables of the exchange's database came to be. Internal to core/pbx.
#pragma once

#include "core/crypto/sealed_field.h"
#include "core/store/database.h"

#include <string_view>
#include <vector>

namespace sr::pbx {

inline constexpr std::string_view kRealm = "switchroom"; ///< fixed: every HA1 covers it
inline constexpr std::string_view kRealmUid = "";        ///< no user has this name

/// In their order. A new database gets the realm, sealed as well.
std::vector<store::Migration> directoryVersions(const crypto::FieldSeal& seal);

} // namespace sr::pbx
