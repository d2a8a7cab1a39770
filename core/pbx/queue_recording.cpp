// SPDX-License-Identifier: GPL-3.0-or-later
// All forwards count, whoever they are for: one more call that is looked at costs little.
#include "core/pbx/queue_recording.h"

#include "core/pbx/queue_members.h"

#include <algorithm>
#include <set>

namespace sr::pbx {
namespace {

bool hasRecordedOperator(const Object& queue, const Directory& directory)
{
    const auto isRecorded = [](const Object* one) { return one->record != RecordMode::Off; };
    const QueueMembers members = queueMembers(queue, directory);
    return std::ranges::any_of(members.primary, isRecorded) ||
           std::ranges::any_of(members.secondary, isRecorded);
}

/// Numbers to which calls to the object may go on.
std::vector<std::string> numbersBehind(const Object& object)
{
    std::vector<std::string> all;
    for (const Diversion& diversion : object.diversions)
        all.push_back(diversion.to);
    for (const auto& [setting, value] : object.settings)
        if ((object.kind == Kind::WaitingQueue && setting.starts_with("key-")) ||
            (object.kind == Kind::NumberMap && setting == "to"))
            all.push_back(value);
    return all;
}

bool leadsOn(const Object& from, const Directory& directory, std::set<const Object*>& passed)
{
    if (!passed.insert(&from).second)
        return false;
    if (from.kind == Kind::WaitingQueue && hasRecordedOperator(from, directory))
        return true;
    return std::ranges::any_of(numbersBehind(from), [&](const std::string& number) {
        const Object* const to = number.empty() ? nullptr : directory.meant(from.node, number).object;
        if (to == nullptr)
            return false;
        const bool isTalk = to->kind != Kind::NumberMap && to->kind != Kind::Park;
        return (isTalk && to->record != RecordMode::Off) || leadsOn(*to, directory, passed);
    });
}

} // namespace

bool leadsToRecorded(const Object& queue, const Directory& directory)
{
    std::set<const Object*> passed;
    return leadsOn(queue, directory, passed);
}

} // namespace sr::pbx
