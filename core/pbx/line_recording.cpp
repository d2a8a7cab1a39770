// SPDX-License-Identifier: GPL-3.0-or-later
// A setting that is not there limits nothing.
#include "core/pbx/line_recording.h"

#include "core/pbx/object_settings.h"

#include <algorithm>

namespace sr::pbx {
namespace {

bool isCovered(const Object& line, LineWay way, std::string_view number)
{
    const std::string& wanted = textSetting(line, kRecordWay);
    if (wanted == (way == LineWay::In ? "out" : "in"))
        return false;
    const auto beginnings = wordsIn(textSetting(line, kRecordNumbers));
    return beginnings.empty() || std::ranges::any_of(beginnings, [&](std::string_view beginning) {
               return number.starts_with(beginning);
           });
}

} // namespace

CallParty askingBy(const Object& line, LineWay way, CallParty party)
{
    const std::string_view number = party.line ? std::string_view(party.line->behind) : std::string_view();
    if (isCovered(line, way, number))
        return party;
    party.record = RecordMode::Off;
    party.asksRecordTo = false;
    return party;
}

} // namespace sr::pbx
