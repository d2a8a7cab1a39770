// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the errors about users.
#include "core/pbx/pbx_error.h"

namespace sr::pbx {
namespace {

const char* text(PbxErrc e) noexcept
{
    switch (e) {
    case PbxErrc::NotFound:
        return "there is no object of that name";
    case PbxErrc::NameTaken:
        return "another object has that name";
    case PbxErrc::NumberTaken:
        return "another object has that number";
    case PbxErrc::LongNameTaken:
        return "another object has that long name";
    case PbxErrc::BadName:
        return "this cannot be the name of an object";
    case PbxErrc::BadNumber:
        return "this cannot be the number of an object";
    case PbxErrc::BadLongName:
        return "this cannot be the long name of an object";
    case PbxErrc::BadGroup:
        return "these cannot be the groups of an object";
    case PbxErrc::BadNode:
        return "this cannot be the node of an object";
    case PbxErrc::BadDevice:
        return "these cannot be the devices of an object";
    case PbxErrc::BadDiversion:
        return "these cannot be the call forwards of an object";
    case PbxErrc::BadSetting:
        return "this cannot be a setting of the object";
    case PbxErrc::BadXml:
        return "this is not an order to the administration";
    case PbxErrc::NoPassword:
        return "a user needs a password, and it may not be empty";
    case PbxErrc::PasswordNeeded:
        return "what is kept of the password covers the name, so a new name needs the password as well";
    case PbxErrc::NoCommonKeys:
        return "the device encrypts in a way that the exchange does not know";
    case PbxErrc::OtherMachine:
        return "the users were sealed with the settings key of another machine, or the seal was altered";
    case PbxErrc::BadTrunk:
        return "this cannot be a trunk";
    case PbxErrc::BadRoute:
        return "this cannot be a route";
    case PbxErrc::BadProfile:
        return "these cannot be the profiles of an object";
    case PbxErrc::TooMany:
        return "there are too many requests already";
    }
    return "unknown error about users";
}

} // namespace

const std::error_category& pbxCategory() noexcept
{
    static const EnumCategory<PbxErrc> category("pbx", &text);
    return category;
}

} // namespace sr::pbx
