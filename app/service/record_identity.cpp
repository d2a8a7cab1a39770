// SPDX-License-Identifier: GPL-3.0-or-later
// The offset is asked for each record, so both changes of the clock are met.
#include "app/service/record_identity.h"

#include "core/archive/zone.h"

namespace sr::service {

Result<pbx::CallRecords::Identity> identityOf(const RecordNames& names)
{
    pbx::CallRecords::Identity identity{.sys = names.system, .pbx = names.name};
    auto zone = archive::Zone::of(names.timeZone.empty() ? archive::Zone::machineId() : names.timeZone);
    if (!zone && names.timeZone.empty())
        zone = archive::Zone::of("UTC");
    if (!zone)
        return zone.error();
    const auto shared = std::make_shared<const archive::Zone>(std::move(*zone));
    identity.utcOffset = [shared](UtcTime time) -> seconds {
        return std::chrono::minutes(shared->offsetMinutes(time));
    };
    return identity;
}

} // namespace sr::service
