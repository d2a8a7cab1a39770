// SPDX-License-Identifier: GPL-3.0-or-later
// Groups name other queues and scripts, too; those answer no call for it.
#include "core/pbx/queue_members.h"

#include "core/pbx/object_settings.h"

namespace sr::pbx {
namespace {

std::vector<const Object*> peopleOf(std::vector<const Object*> members)
{
    std::erase_if(members,
                  [](const Object* one) { return one->kind != Kind::User && one->kind != Kind::Executive; });
    return members;
}

} // namespace

QueueMembers queueMembers(const Object& queue, const Directory& directory)
{
    const std::string& primary = textSetting(queue, "primary");
    const std::string& secondary = textSetting(queue, "secondary");
    QueueMembers members;
    members.primary = peopleOf(primary.empty() ? directory.servedBy(queue) : directory.membersOf(primary));
    if (!secondary.empty())
        members.secondary = peopleOf(directory.membersOf(secondary));
    return members;
}

} // namespace sr::pbx
