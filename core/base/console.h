// SPDX-License-Identifier: GPL-3.0-or-later
// The terminal and its signals, on POSIX and Win32.
#pragma once

#include <functional>
#include <string>

namespace sr {

/// First thing in main(), for the program's life: what is written and read passes as UTF-8 and octet by
/// octet, whatever the console's code page. Nothing to do on POSIX.
class ConsoleSetup {
public:
    ConsoleSetup();
    ~ConsoleSetup();
    ConsoleSetup(const ConsoleSetup&) = delete;
    ConsoleSetup& operator=(const ConsoleSetup&) = delete;

private:
    struct Impl;
    Impl* m_impl = nullptr;
};

/// Last thing in main() of a program with windows, when all its objects are gone: `return endProgram(code)`.
/// On Windows it ends the process there, because libwinpthread, when it is unloaded, may wait for ever for a
/// lock that a thread held which the system has ended.
int endProgram(int code);

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

    struct Impl;

private:
    Impl* m_impl;
};

/// One line from standard input without echo if it is a terminal; one trailing line end is stripped. At most
/// 64 KiB.
std::string readSecretLine(const std::string& prompt);

} // namespace sr
