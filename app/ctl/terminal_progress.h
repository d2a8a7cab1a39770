// SPDX-License-Identifier: GPL-3.0-or-later
// Progress of long work on a terminal: share, rate, time left; silent in a pipe. Ctrl+C cancels the job,
// twice ends the program.
#pragma once

#include "core/base/clock.h"
#include "core/base/progress.h"

#include <string>

namespace sr::ctl {

enum class Unit { Octets, Recordings };

/// report() from one thread at a time; draws at most ten times a second on standard error.
class TerminalProgress final : public Progress {
public:
    TerminalProgress(std::string what, Unit unit, const Clock& clock);
    ~TerminalProgress() override; ///< clears its line
    void report(std::uint64_t done, std::uint64_t total) override;

    /// `importing  45 %  120 MB of 266 MB  34 MB/s  0:04 left`
    static std::string line(const std::string& what, Unit unit, std::uint64_t done, std::uint64_t total,
                            std::chrono::duration<double> elapsed);

private:
    std::string m_what;
    Unit m_unit;
    const Clock& m_clock;
    std::chrono::steady_clock::time_point m_begin;
    std::chrono::steady_clock::time_point m_drawn{};
    bool m_terminal;
    bool m_dirty = false;
};

} // namespace sr::ctl
