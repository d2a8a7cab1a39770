// SPDX-License-Identifier: GPL-3.0-or-later
// What a running service tells of itself, as the command contract of design.md fixes it.
#pragma once

#include "core/base/clock.h"

#include <QJsonObject>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace sr::control {

/// decisions.md 13. Grey: not in use.
enum class Lamp : std::uint8_t { Grey, Green, Red };

struct Lamps {
    Lamp pbx = Lamp::Grey;
    Lamp reporting = Lamp::Grey;
    Lamp pcap = Lamp::Grey;
    Lamp disk = Lamp::Grey;
    Lamp backup = Lamp::Grey;
    Lamp software = Lamp::Green;
    bool alarm() const; ///< any of them is red
};

struct ServiceStatus {
    std::uint64_t calls = 0;     ///< that run
    std::uint64_t recording = 0; ///< of these
    std::uint64_t registrations = 0;
    std::uint64_t filesRecorded = 0;  ///< since the service started
    std::uint64_t filesToProcess = 0; ///< calls that ended and are not in the archive yet
    Lamps lamps;
    std::uint64_t unreadable = 0; ///< messages at the ports of SIP that were none, since the start
};

/// A call that runs.
struct CallRow {
    std::string id; ///< of the exchange, or the Call-ID of a captured one
    std::string from;
    std::string to;
    UtcTime since{};
    std::optional<UtcTime> answered;
    bool recording = false;
    bool paused = false; ///< the recording, if there is one
};

QJsonObject toJson(const ServiceStatus& status);
QJsonObject toJson(const CallRow& row);
/// `{"calls":[...],"total":N}`, `most` rows at most, the oldest first.
QJsonObject toJson(std::vector<CallRow> rows, std::size_t most);
/// ISO 8601 with milliseconds, in local time with its offset.
QString isoLocal(UtcTime time);

} // namespace sr::control
