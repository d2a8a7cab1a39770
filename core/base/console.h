// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal and its signals, on POSIX and Win32.
#pragma once

#include <functional>
#include <string>

namespace sr {

bool errorIsTerminal(); ///< standard error goes to a person
bool inputIsTerminal(); ///< standard input comes from a person

/// Calls `stop` on a thread of its own at the first Ctrl+C, SIGTERM or console close; the next one ends the
/// program. One object at a time; restores the old ways when it dies.
class StopSignal {
public:
    explicit StopSignal(std::function<void()> stop);
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

private:
    struct Impl;
    Impl* m_impl;
};

/// One line from standard input without echo if it is a terminal; one trailing line end is stripped. At most
/// 64 KiB.
std::string readSecretLine(const std::string& prompt);

} // namespace sr
