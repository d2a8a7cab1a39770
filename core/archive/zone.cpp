// SPDX-License-Identifier: GPL-3.0-or-later
// The archive's time zone over QTimeZone.
#include "core/archive/zone.h"

#include "core/archive/iso_time.h"

#include <QDateTime>
#include <QTimeZone>

namespace sr::archive {

struct Zone::Impl {
    QTimeZone zone;
};

Zone::Zone(std::string id, std::unique_ptr<Impl> impl)
    : m_id(std::move(id))
    , m_impl(std::move(impl))
{}
Zone::~Zone() = default;
Zone::Zone(Zone&&) noexcept = default;
Zone& Zone::operator=(Zone&&) noexcept = default;

Result<Zone> Zone::of(const std::string& ianaId)
{
    if (ianaId.empty() || ianaId.size() > 64)
        return fail(BaseErrc::Malformed, "a time zone without a name");
    auto impl = std::make_unique<Impl>(Impl{QTimeZone(QByteArray::fromStdString(ianaId))});
    if (!impl->zone.isValid())
        return fail(BaseErrc::Malformed, "time zone " + ianaId + ", which this machine does not know");
    return Zone(ianaId, std::move(impl));
}

std::string Zone::machineId()
{
    const auto id = QTimeZone::systemTimeZoneId().toStdString();
    return id.empty() ? "UTC" : id;
}

int Zone::offsetMinutes(UtcTime time) const
{
    const auto moment = QDateTime::fromMSecsSinceEpoch(millisecondsOf(time), Qt::UTC);
    return m_impl->zone.offsetFromUtc(moment) / 60;
}

int Zone::stamp(UtcTime time, RecordingName& name) const
{
    const int offset = offsetMinutes(time);
    const auto local = time + std::chrono::minutes(offset);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const auto minutes = std::chrono::floor<std::chrono::minutes>(local - day).count();
    name.year = int{date.year()};
    name.month = static_cast<int>(unsigned{date.month()});
    name.day = static_cast<int>(unsigned{date.day()});
    name.hour = static_cast<int>(minutes / 60);
    name.minute = static_cast<int>(minutes % 60);
    return offset;
}

} // namespace sr::archive
