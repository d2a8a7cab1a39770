// SPDX-License-Identifier: GPL-3.0-or-later
// When a boolean object is on by itself: times of the week, as people write them.
#pragma once

#include "core/base/error.h"

#include <string_view>
#include <vector>

namespace sr::pbx {

/// A value; any thread.
class TimeSwitch {
public:
    static constexpr std::size_t kMostSpans = 32;
    static constexpr int kMinutesOfDay = 24 * 60;

    /// `Mon-Fri 08:00-17:30; Sat,Sun 09:00-12:00`: days by their English names, a range may pass Sunday, an
    /// end before the start is that of the next day, `24:00` the day's end. Empty: never. BadSetting with
    /// the piece that cannot be read.
    static Result<TimeSwitch> parse(std::string_view text);
    /// Local time. `day`: 0 is Monday. `minute`: of the day, 0 to 1439.
    bool isOn(int day, int minute) const;

private:
    struct Span {
        unsigned days = 0; ///< bit 0 is Monday: those on which it begins
        int from = 0;      ///< [min] of the day
        int to = 0;        ///< [min], behind the last one; over 1440 on the next day
    };
    std::vector<Span> m_spans;
};

} // namespace sr::pbx
