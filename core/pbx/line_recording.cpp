// SPDX-License-Identifier: GPL-3.0-or-later
// A setting that is not there limits nothing.
#include "core/pbx/line_recording.h"

#include "core/pbx/number_map.h"
#include "core/pbx/object_settings.h"
#include "core/pbx/pbx_error.h"

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

Status checkRecordWay(std::string_view value)
{
    if (value == "in" || value == "out" || value == "both")
        return {};
    return fail(PbxErrc::BadSetting,
                "`" + std::string(value.substr(0, 80)) + "` is neither `in` nor `out` nor `both`");
}

Status checkRecordNumbers(std::string_view value)
{
    for (const std::string_view word : wordsIn(value))
        if (!checkPrefix(word))
            return fail(PbxErrc::BadSetting,
                        "`" + std::string(word.substr(0, 80)) + "` is not the beginning of a number");
    return {};
}

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
