// SPDX-License-Identifier: GPL-3.0-or-later
// Signals that nobody survives. In the handler only what POSIX lets a handler call.
#include "core/base/crash_note.h"

#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace sr {
namespace {

constexpr std::array kFatal{SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
constexpr int kFramesMost = 64;

// A signal handler can reach nothing but what is global.
std::array<char, 4096> path{};
std::array<char, 256> about{};
std::array<std::byte, 64U << 10U> stack; ///< the program's own may be what has overflowed

void put(int fd, const char* text)
{
    [[maybe_unused]] const auto written = ::write(fd, text, std::strlen(text));
}

void putNumber(int fd, std::uint64_t value, unsigned base)
{
    std::array<char, 24> digits{};
    std::size_t at = digits.size() - 1;
    do {
        digits.at(--at) = "0123456789abcdef"[value % base];
        value /= base;
    } while (value != 0);
    put(fd, digits.data() + at);
}

void onCrash(int number, siginfo_t* info, void*)
{
    const int fd = ::open(path.data(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
    struct stat file = {};
    if (fd >= 0 && ::fstat(fd, &file) == 0 && static_cast<std::uint64_t>(file.st_size) < kCrashNotesMost) {
        put(fd, about.data());
        put(fd, "\ntime ");
        putNumber(fd, static_cast<std::uint64_t>(::time(nullptr)), 10);
        put(fd, " signal ");
        putNumber(fd, static_cast<std::uint64_t>(number), 10);
        put(fd, " at 0x");
        putNumber(fd, reinterpret_cast<std::uintptr_t>(info->si_addr), 16);
        put(fd, "\n");
        std::array<void*, kFramesMost> frames{};
        ::backtrace_symbols_fd(frames.data(), ::backtrace(frames.data(), kFramesMost), fd);
        put(fd, "\n");
    }
    if (fd >= 0)
        ::close(fd);
    ::signal(number, SIG_DFL); // and not ours again by another handler that calls this one (page_guard)
    ::raise(number);           // comes when this handler has returned
}

} // namespace

Status noteCrashes(const Path& file, const std::string& line)
{
    const std::string text = utf8Of(file);
    if (text.size() >= path.size())
        return fail(BaseErrc::Malformed, "too long: " + text.substr(0, 200));
    text.copy(path.data(), path.size() - 1);
    about.at(line.copy(about.data(), about.size() - 1)) = '\0';
    std::array<void*, 1> frame{};
    ::backtrace(frame.data(), 1); // loads its library now, not in the handler
    stack_t own = {};
    own.ss_sp = stack.data();
    own.ss_size = stack.size();
    ::sigaltstack(&own, nullptr);
    struct sigaction action = {};
    action.sa_sigaction = onCrash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigfillset(&action.sa_mask);
    for (const int number : kFatal)
        ::sigaction(number, &action, nullptr);
    return {};
}

} // namespace sr
