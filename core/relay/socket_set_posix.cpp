// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting by Linux's epoll; an eventfd wakes it.
#include "core/relay/socket_set.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sr::relay {
namespace {

constexpr int kMostEvents = 256; // a turn of this many sockets takes about a millisecond

class EpollSet final : public SocketSet {
public:
    ~EpollSet() override
    {
        for (const int file : {m_epoll, m_waker})
            if (file >= 0)
                ::close(file);
    }

    Status start()
    {
        m_epoll = ::epoll_create1(EPOLL_CLOEXEC);
        m_waker = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (m_epoll < 0 || m_waker < 0)
            return fail(RelayErrc::Socket, std::string("epoll (") + std::strerror(errno) + ")");
        return watch(m_waker, nullptr);
    }

    Status add(const UdpSocket& socket, void* what) override
    {
        return watch(static_cast<int>(socket.handle()), what);
    }

    void remove(const UdpSocket& socket) noexcept override
    {
        // Closing would not do: a child process between fork() and exec() holds a copy of the file.
        (void)::epoll_ctl(m_epoll, EPOLL_CTL_DEL, static_cast<int>(socket.handle()), nullptr);
    }

    std::span<void* const> wait(std::optional<milliseconds> most) noexcept override
    {
        const int count = ::epoll_wait(m_epoll, m_events.data(), kMostEvents, pollTimeout(most));
        std::size_t ready = 0;
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = m_events[static_cast<std::size_t>(i)];
            if (event.data.ptr != nullptr)
                m_ready[ready++] = event.data.ptr;
            else
                quieten();
        }
        return std::span(m_ready).first(ready);
    }

    void wake() noexcept override
    {
        const std::uint64_t one = 1;
        (void)!::write(m_waker, &one, sizeof one); // it fails only when it is full, and then it wakes
    }

private:
    Status watch(int file, void* what)
    {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = what;
        if (::epoll_ctl(m_epoll, EPOLL_CTL_ADD, file, &event) != 0)
            return fail(RelayErrc::Socket, std::string("epoll_ctl (") + std::strerror(errno) + ")");
        return {};
    }

    void quieten() noexcept
    {
        std::uint64_t count = 0;
        (void)!::read(m_waker, &count, sizeof count);
    }

    int m_epoll = -1;
    int m_waker = -1;
    std::array<epoll_event, kMostEvents> m_events{};
    std::array<void*, kMostEvents> m_ready{};
};

} // namespace

Result<std::unique_ptr<SocketSet>> SocketSet::create()
{
    auto set = std::make_unique<EpollSet>();
    if (auto started = set->start(); !started)
        return started.error();
    return std::unique_ptr<SocketSet>(std::move(set));
}

} // namespace sr::relay
