// SPDX-License-Identifier: GPL-3.0-or-later
// Names of the attributes, in the order of the reference. Private to the folder.
#pragma once

#include "core/cdr/call_data_record.h"

#include <algorithm>

namespace sr::cdr {

template <typename Owner>
struct TextField {
    const char* name;
    std::string Owner::*field;
};

inline constexpr TextField<CallDataRecord> kRecordTexts[] = {
    {"guid", &CallDataRecord::guid}, {"sys", &CallDataRecord::sys},       {"pbx", &CallDataRecord::pbx},
    {"node", &CallDataRecord::node}, {"device", &CallDataRecord::device}, {"cn", &CallDataRecord::cn},
    {"e164", &CallDataRecord::e164}, {"h323", &CallDataRecord::h323},     {"dir", &CallDataRecord::dir},
};

inline constexpr TextField<CdrEvent> kEventTexts[] = {
    {"type", &CdrEvent::type}, {"e164", &CdrEvent::e164}, {"root", &CdrEvent::root},
    {"h323", &CdrEvent::h323}, {"conf", &CdrEvent::conf},
};

inline constexpr TextField<CdrParty> kPartyTexts[] = {
    {"e164", &CdrParty::e164},
    {"h323", &CdrParty::h323},
    {"dn", &CdrParty::dn},
};

/// Of an attribute that we do not know: ASCII, and no namespace.
inline bool isName(std::string_view name)
{
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto more = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '.'; };
    return !name.empty() && name.size() <= 64 && letter(name.front()) && std::ranges::all_of(name, more) &&
           name != "xmlns";
}

} // namespace sr::cdr
