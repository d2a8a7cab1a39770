// SPDX-License-Identifier: GPL-3.0-or-later
// File names of recordings (design.md Formats, decisions.md 5 and 6): what the name says, rules.
#pragma once

#include "core/base/clock.h"
#include "core/base/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sr::archive {

enum class CallDirection : std::uint8_t { In, Out };

/// `YYYY_MM_DD_HHMM_<int>_<i|o>_<ext>_<s>_<uid>[_T<6 digits>]` without folder and extension. Local time of
/// the archive's zone.
struct RecordingName {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0;
    std::string internal = "unknown"; ///< as dialled, UTF-8, not escaped; a cut one keeps its `~hash` tail
    std::string external = "unknown";
    CallDirection direction = CallDirection::In;
    std::uint32_t answerSeconds = 0;
    std::string uid;
    std::string tan; ///< six digits or empty

    std::string toString() const;    ///< the stem, percent-encoded as decisions.md 5 says
    std::string monthFolder() const; ///< `YYYY_MM`
    bool operator==(const RecordingName&) const = default;
};

/// Reads our spelling, `..._39.o.024_1_<uid>` and the original's unescaped one. BaseErrc::Malformed for
/// anything else. `stem` has neither folder nor extension; at most 1024 octets.
Result<RecordingName> parseRecordingName(std::string_view stem);

/// One party as it stands in a name: percent-encoded, at most 60 octets, longer ones end in `~` and 8 hex
/// digits of SHA-256.
std::string encodeParty(std::string_view party);

/// Splits `name-2` into the guid and its suffix (1 when there is none).
std::pair<std::string, unsigned> splitUid(std::string_view uid);

} // namespace sr::archive
