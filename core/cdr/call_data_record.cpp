// SPDX-License-Identifier: GPL-3.0-or-later
// The billing rule.
#include "core/cdr/call_data_record.h"

#include <algorithm>

namespace sr::cdr {
namespace {

bool reaches(const CdrEvent& event)
{
    return event.msg == msg::kConnTo || event.msg == msg::kTransferTo || event.msg == msg::kCfTo;
}

bool answers(const CdrEvent& event)
{
    return event.msg == msg::kConnTo;
}

bool releases(const CdrEvent& event)
{
    return event.msg == msg::kDiscTo || event.msg == msg::kDiscFrom || event.msg == msg::kRelTo ||
           event.msg == msg::kRelFrom;
}

} // namespace

std::optional<Billed> billed(const CallDataRecord& record)
{
    if (record.dir != "from" && record.dir != "cf" && record.dir != "ct")
        return std::nullopt;
    const auto& events = record.events;
    const auto destination = std::ranges::find_if(events, reaches);
    if (destination == events.end())
        return std::nullopt;
    Billed result{destination->e164, destination->h323};
    const auto answer = std::ranges::find_if(events, answers);
    const auto release = std::find_if(answer, events.end(), releases);
    if (release != events.end() && release->time > answer->time)
        result.seconds = release->time - answer->time;
    return result;
}

} // namespace sr::cdr
