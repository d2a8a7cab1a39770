// SPDX-License-Identifier: GPL-3.0-or-later
// The archive's time zone: wall clock of any moment, with both changes of the clock.
#pragma once

#include "core/archive/recording_name.h"

#include <memory>

namespace sr::archive {

/// Immutable; any thread.
class Zone {
public:
    /// IANA id; BaseErrc::Malformed if this machine does not know it.
    static Result<Zone> of(const std::string& ianaId);
    static std::string machineId();
    ~Zone();
    Zone(Zone&&) noexcept;
    Zone& operator=(Zone&&) noexcept;

    const std::string& id() const { return m_id; }
    int offsetMinutes(UtcTime time) const; ///< east of Greenwich, at that moment
    /// Fills the date and clock of `name`, returns the offset in minutes.
    int stamp(UtcTime time, RecordingName& name) const;

private:
    struct Impl;
    Zone(std::string id, std::unique_ptr<Impl> impl);
    std::string m_id;
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::archive
