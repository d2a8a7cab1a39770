// SPDX-License-Identifier: GPL-3.0-or-later
// The offset is that of the record's minute, so both changes of the clock are met.
#include "app/exchange/record_identity.h"

#include "core/archive/zone.h"

#include <optional>

namespace sr::exchange {
namespace {

/// To ask Qt for each record is a hundredth of what a short call costs; clocks are changed at whole minutes.
/// One thread.
class Offset {
public:
    explicit Offset(archive::Zone zone)
        : m_zone(std::move(zone))
    {}
    std::chrono::minutes at(UtcTime time)
    {
        if (const auto minute = std::chrono::floor<std::chrono::minutes>(time); minute != m_minute) {
            m_minute = minute;
            m_offset = std::chrono::minutes(m_zone.offsetMinutes(time));
        }
        return m_offset;
    }

private:
    archive::Zone m_zone;
    std::optional<std::chrono::sys_time<std::chrono::minutes>> m_minute;
    std::chrono::minutes m_offset{0};
};

} // namespace

Result<pbx::CallRecords::Identity> identityOf(const RecordNames& names)
{
    pbx::CallRecords::Identity identity{.sys = names.system, .pbx = names.name};
    auto zone = archive::Zone::of(names.timeZone.empty() ? archive::Zone::machineId() : names.timeZone);
    if (!zone && names.timeZone.empty())
        zone = archive::Zone::of("UTC");
    if (!zone)
        return zone.error();
    identity.utcOffset = [known = std::make_shared<Offset>(std::move(*zone))](UtcTime time) -> seconds {
        return known->at(time);
    };
    return identity;
}

} // namespace sr::exchange
