// SPDX-License-Identifier: GPL-3.0-or-later
// Terminal and signals on POSIX: the handler only writes to a pipe, a thread does the rest.
#include "core/base/console.h"

#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <thread>

namespace sr {
namespace {

std::atomic<int> signalPipe{-1}; // write end; a handler has no other way to reach its object

void onSignal(int number)
{
    const int fd = signalPipe.load();
    const char byte = 1;
    if (fd >= 0)
        (void)!::write(fd, &byte, 1);
    std::signal(number, SIG_DFL); // a second one ends the program
}

} // namespace

ConsoleSetup::ConsoleSetup() = default;
ConsoleSetup::~ConsoleSetup() = default;

int endProgram(int code)
{
    return code;
}

bool errorIsTerminal()
{
    return ::isatty(STDERR_FILENO) != 0;
}
bool inputIsTerminal()
{
    return ::isatty(STDIN_FILENO) != 0;
}

struct StopSignal::Impl {
    int ends[2] = {-1, -1};
    std::function<void()> stop;
    std::thread waiter;
};

StopSignal::StopSignal(std::function<void()> stop)
    : m_impl(new Impl{{-1, -1}, std::move(stop), {}})
{
    if (::pipe(m_impl->ends) != 0)
        return;
    signalPipe.store(m_impl->ends[1]);
    m_impl->waiter = std::thread([impl = m_impl] {
        char byte = 0;
        while (::read(impl->ends[0], &byte, 1) == 1 && byte == 1)
            impl->stop();
    });
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        std::signal(number, &onSignal);
}

StopSignal::~StopSignal()
{
    for (const int number : {SIGINT, SIGTERM, SIGHUP})
        std::signal(number, SIG_DFL);
    signalPipe.store(-1);
    if (m_impl->waiter.joinable()) {
        const char end = 0;
        (void)!::write(m_impl->ends[1], &end, 1);
        m_impl->waiter.join();
        ::close(m_impl->ends[0]);
        ::close(m_impl->ends[1]);
    }
    delete m_impl;
}

std::string readSecretLine(const std::string& prompt)
{
    constexpr std::size_t kMost = 64 * 1024;
    termios before{};
    const bool quiet = inputIsTerminal() && ::tcgetattr(STDIN_FILENO, &before) == 0;
    if (quiet) {
        std::fputs(prompt.c_str(), stderr);
        termios silent = before;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
    }
    std::string line;
    char c = 0;
    while (line.size() < kMost && ::read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
        line.push_back(c);
    if (!line.empty() && line.back() == '\r')
        line.pop_back();
    if (quiet) {
        ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
        std::fputc('\n', stderr);
    }
    return line;
}

} // namespace sr
