// SPDX-License-Identifier: GPL-3.0-or-later
// Foreground and systemd: the same, but that systemd wants to hear of it (sd_notify(3)).
#include "app/service/service_life.h"
#include "core/base/console.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace sr::service {
namespace {

/// All threads share the heap that the program began with. glibc grows those that it makes for further
/// threads by single pages, a system call each, and calls live on the control thread: ten of them for every
/// call.
void shareOneHeap()
{
#ifdef __GLIBC__
    (void)mallopt(M_ARENA_MAX, 1);
#endif
}

/// To the socket in NOTIFY_SOCKET, if there is one; `@` begins an abstract name.
void notify(const std::string& state)
{
    const char* path = std::getenv("NOTIFY_SOCKET");
    sockaddr_un address{};
    if (path == nullptr || (path[0] != '/' && path[0] != '@') || std::strlen(path) >= sizeof address.sun_path)
        return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path, std::strlen(path));
    if (path[0] == '@')
        address.sun_path[0] = '\0';
    const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
    // Nobody who listens is lost who would be of use: then systemd itself is gone.
    (void)::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                   length);
    ::close(fd);
}

class PosixLife final : public ServiceLife {
public:
    explicit PosixLife(std::function<void()> stop)
        : m_signal(std::move(stop))
    {}
    void ready(const std::string& line) override
    {
        std::fputs((line + "\n").c_str(), stdout);
        std::fflush(stdout);
        notify("READY=1\nSTATUS=" + line);
    }
    void stopping() override { notify("STOPPING=1"); }
    void say(const std::string& text) override
    {
        std::fputs((std::string(kServiceName) + ": " + text + "\n").c_str(), stderr);
    }
    void setExitCode(int) override {} // main() returns it

private:
    StopSignal m_signal;
};

} // namespace

Result<std::unique_ptr<ServiceLife>> ServiceLife::begin(bool, std::function<void()> stop)
{
    shareOneHeap();
    return std::unique_ptr<ServiceLife>(std::make_unique<PosixLife>(std::move(stop)));
}

} // namespace sr::service
