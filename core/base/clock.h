// SPDX-License-Identifier: GPL-3.0-or-later
// Time: the wall clock that records carry, and the injected clock that tests turn by hand.
#pragma once

#include <chrono>

namespace sr {

/// UTC wall time with the resolution of a capture file.
using UtcTime = std::chrono::sys_time<std::chrono::microseconds>;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Source of time. Any thread.
class Clock {
public:
    virtual ~Clock() = default;
    virtual UtcTime utcNow() const = 0;                                  ///< for records
    virtual std::chrono::steady_clock::time_point steadyNow() const = 0; ///< for timers and rates
};

/// The machine's clock.
class SystemClock final : public Clock {
public:
    UtcTime utcNow() const override
    {
        return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
    }
    std::chrono::steady_clock::time_point steadyNow() const override
    {
        return std::chrono::steady_clock::now();
    }
};

} // namespace sr
