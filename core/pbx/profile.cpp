// SPDX-License-Identifier: GPL-3.0-or-later
// Texts are as long names; whom a contact means may come and go, so objects need not be there.
#include "core/pbx/profile.h"

#include "core/pbx/object.h"
#include "core/pbx/pbx_error.h"

#include <algorithm>

namespace sr::pbx {
namespace {

Status checkText(const std::string& text)
{
    if (text.empty() || checkLongName(text))
        return {};
    return fail(PbxErrc::BadProfile, "`" + text.substr(0, 80) + "` is not a text for people");
}

Status checkContact(const ProfileContact& contact)
{
    using External = ProfileContact::External;
    if (contact.name.empty() && contact.number.empty())
        return fail(PbxErrc::BadProfile, "a contact has neither name nor number");
    if (contact.external == External::Telephone && contact.number.empty())
        return fail(PbxErrc::BadProfile, "a telephone elsewhere has no number");
    if (contact.external == External::Sip && contact.name.empty())
        return fail(PbxErrc::BadProfile, "a SIP user elsewhere has no name");
    if (contact.external == External::No && (contact.presence || contact.dialog))
        return fail(PbxErrc::BadProfile, "what of an object is watched its rights decide");
    for (const std::string* text : {&contact.name, &contact.number, &contact.display})
        if (auto good = checkText(*text); !good)
            return good;
    return {};
}

} // namespace

Status checkProfiles(const std::vector<Profile>& profiles)
{
    if (profiles.size() > kMaxProfiles)
        return fail(PbxErrc::BadProfile, "more than " + std::to_string(kMaxProfiles) + " profiles");
    for (const Profile& one : profiles) {
        if (one.name.empty())
            return fail(PbxErrc::BadProfile, "a profile has no name");
        if (auto good = checkText(one.name); !good)
            return good;
        if (std::ranges::count(profiles, one.name, &Profile::name) > 1)
            return fail(PbxErrc::BadProfile, "`" + one.name + "` is there twice");
        if (one.contacts.size() > kMaxContacts)
            return fail(PbxErrc::BadProfile,
                        "`" + one.name + "` has more than " + std::to_string(kMaxContacts) + " contacts");
        for (const ProfileContact& contact : one.contacts)
            if (auto good = checkContact(contact); !good)
                return good;
    }
    return {};
}

} // namespace sr::pbx
