// SPDX-License-Identifier: GPL-3.0-or-later
// Contact lists that administrators give to users (reference, profiles).
#pragma once

#include "core/base/error.h"

#include <string>
#include <vector>

namespace sr::pbx {

inline constexpr std::size_t kMaxProfiles = 16;
inline constexpr std::size_t kMaxContacts = 500; ///< of one profile

struct ProfileContact {
    enum class External : std::uint8_t { No, Telephone, Sip }; ///< Sip: a user elsewhere, by federation
    std::string name = {};    ///< of an object, or user and domain of a SIP user elsewhere
    std::string number = {};  ///< of an object, or of a telephone elsewhere
    std::string display = {}; ///< for people; empty: as the object is called
    External external = External::No;
    bool presence = false; ///< of somebody elsewhere: watched; for objects the rights decide
    bool dialog = false;   ///< likewise: whether there is a call
    bool operator==(const ProfileContact&) const = default;
};

struct Profile {
    std::string name; ///< by which the user chooses it; unique among those of the user
    std::vector<ProfileContact> contacts = {};
    bool operator==(const Profile&) const = default;
};

Status checkProfiles(const std::vector<Profile>& profiles); ///< BadProfile

} // namespace sr::pbx
