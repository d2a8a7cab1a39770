// SPDX-License-Identifier: GPL-3.0-or-later
// Terminal and its signals on Win32: UTF-8 whatever the code page, octets as they are written.
#include "core/base/console.h"
#include "core/base/mutex.h"
#include "core/base/win32_path.h"

#include <fcntl.h>
#include <io.h>
#include <windows.h>

#include <cstdio>

namespace sr {
namespace {

bool isConsole(DWORD which)
{
    DWORD mode = 0; // only a console has one; the null device does not
    return GetConsoleMode(GetStdHandle(which), &mode) != FALSE;
}

} // namespace

struct ConsoleSetup::Impl {
    UINT output = GetConsoleOutputCP();
    UINT input = GetConsoleCP();
    DWORD errorMode = 0;
};

ConsoleSetup::ConsoleSetup()
    : m_impl(new Impl)
{
    for (std::FILE* const stream : {stdin, stdout, stderr})
        (void)_setmode(_fileno(stream), _O_BINARY); // JSON must not get CR LF
    std::setvbuf(stderr, nullptr, _IONBF, 0);       // the C library would hold words back in a pipe
    SetConsoleOutputCP(CP_UTF8);
    SetConsoleCP(CP_UTF8);
    // The progress line redraws itself with escape sequences.
    if (GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &m_impl->errorMode))
        SetConsoleMode(GetStdHandle(STD_ERROR_HANDLE),
                       m_impl->errorMode | ENABLE_PROCESSED_OUTPUT | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

ConsoleSetup::~ConsoleSetup()
{
    std::fflush(stdout);
    std::fflush(stderr);
    if (m_impl->errorMode != 0)
        SetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), m_impl->errorMode);
    if (m_impl->output != 0) // the shell that started us goes on in this console
        SetConsoleOutputCP(m_impl->output);
    if (m_impl->input != 0)
        SetConsoleCP(m_impl->input);
    delete m_impl;
}

int endProgram(int code)
{
    std::fflush(nullptr);
    TerminateProcess(GetCurrentProcess(), static_cast<UINT>(code));
    return code;
}

bool errorIsTerminal()
{
    return isConsole(STD_ERROR_HANDLE);
}
bool inputIsTerminal()
{
    return isConsole(STD_INPUT_HANDLE);
}

struct StopSignal::Impl {
    std::function<void()> stop;
    bool asked = false;
};

namespace {

Mutex stopMutex; // the system's handler has no other way to reach its object
StopSignal::Impl* listener SR_GUARDED_BY(stopMutex) = nullptr;

/// False if nobody listens, or they were asked before.
bool askToStop()
{
    const MutexLock lock(stopMutex);
    if (listener == nullptr || listener->asked)
        return false;
    listener->asked = true;
    listener->stop();
    return true;
}

/// The system runs it on a thread of its own.
BOOL WINAPI onControl(DWORD event)
{
    const bool taken = askToStop();
    if (event == CTRL_C_EVENT || event == CTRL_BREAK_EVENT)
        return taken ? TRUE : FALSE; // a second one ends the program
    // The console closes, and the process ends when this returns: main() has the seconds that the system
    // gives.
    if (taken)
        Sleep(INFINITE);
    return FALSE;
}

} // namespace

StopSignal::StopSignal(std::function<void()> stop)
    : m_impl(new Impl{std::move(stop)})
{
    {
        const MutexLock lock(stopMutex);
        listener = m_impl;
    }
    SetConsoleCtrlHandler(&onControl, TRUE);
}

StopSignal::~StopSignal()
{
    SetConsoleCtrlHandler(&onControl, FALSE);
    const MutexLock lock(stopMutex); // a handler that runs has come back
    listener = nullptr;
    delete m_impl;
}

namespace {

constexpr std::size_t kMostSecret = 64 * 1024;

std::string readConsoleLine(HANDLE input)
{
    std::wstring line;
    wchar_t unit = 0;
    DWORD got = 0;
    while (line.size() < kMostSecret / 4 && ReadConsoleW(input, &unit, 1, &got, nullptr) && got == 1 &&
           unit != L'\n')
        line.push_back(unit);
    return utf8Of(std::wstring_view(line));
}

std::string readPipedLine(HANDLE input)
{
    std::string line;
    char octet = 0;
    DWORD got = 0;
    while (line.size() < kMostSecret && ReadFile(input, &octet, 1, &got, nullptr) && got == 1 &&
           octet != '\n')
        line.push_back(octet);
    return line;
}

} // namespace

std::string readSecretLine(const std::string& prompt)
{
    const HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    DWORD before = 0;
    const bool quiet = GetConsoleMode(input, &before) != FALSE;
    if (quiet) {
        std::fputs(prompt.c_str(), stderr);
        std::fflush(stderr);
        SetConsoleMode(input,
                       (before & ~DWORD{ENABLE_ECHO_INPUT}) | ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT);
    }
    std::string line = quiet ? readConsoleLine(input) : readPipedLine(input);
    if (!line.empty() && line.back() == '\r')
        line.pop_back();
    if (quiet) {
        SetConsoleMode(input, before);
        std::fputc('\n', stderr);
    }
    return line;
}

} // namespace sr
