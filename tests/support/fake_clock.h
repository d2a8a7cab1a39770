// SPDX-License-Identifier: GPL-3.0-or-later
// A clock that tests turn by hand.
#pragma once

#include "core/base/clock.h"

namespace sr::test {

class FakeClock final : public Clock {
public:
    explicit FakeClock(UtcTime now = UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 21)))
        : m_now(now)
    {}
    UtcTime utcNow() const override { return m_now; }
    std::chrono::steady_clock::time_point steadyNow() const override { return m_steady; }
    void advance(microseconds by)
    {
        m_now += by;
        m_steady += by;
    }

private:
    UtcTime m_now;
    std::chrono::steady_clock::time_point m_steady{};
};

} // namespace sr::test
