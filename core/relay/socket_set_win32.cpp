// SPDX-License-Identifier: GPL-3.0-or-later
// Waiting by WSAPoll; a datagram to a socket of our own wakes it. Each wait costs in proportion to all
// sockets, and the list is under a lock that is held only to copy it when it has changed.
#include "core/base/mutex.h"
#include "core/relay/socket_set.h"

#include <winsock2.h>

#include <vector>

namespace sr::relay {
namespace {

class PollSet final : public SocketSet {
public:
    Status start()
    {
        auto waker = UdpSocket::bind({IpAddress::v4(INADDR_LOOPBACK), 0});
        if (!waker)
            return waker.error();
        m_waker = std::move(*waker);
        m_wakerAddress = SocketAddress::of(m_waker.local());
        return add(m_waker, nullptr);
    }

    Status add(const UdpSocket& socket, void* what) override
    {
        {
            const MutexLock lock(m_mutex);
            m_entries.push_back({socket.handle(), what});
            m_changed = true;
        }
        wake(); // the wait under way does not know it
        return {};
    }

    void remove(const UdpSocket& socket) noexcept override
    {
        const MutexLock lock(m_mutex);
        std::erase_if(m_entries, [&](const Entry& entry) { return entry.handle == socket.handle(); });
        m_changed = true;
    }

    std::span<void* const> wait(std::optional<milliseconds> most) noexcept override
    {
        takeChanges();
        m_ready.clear();
        const int count = WSAPoll(m_polled.data(), static_cast<ULONG>(m_polled.size()), pollTimeout(most));
        for (std::size_t i = 0; count > 0 && i < m_polled.size(); ++i) {
            if (m_polled[i].revents == 0)
                continue;
            if (m_whats[i] != nullptr)
                m_ready.push_back(m_whats[i]);
            else
                quieten();
        }
        return m_ready;
    }

    void wake() noexcept override
    {
        const std::byte one{1};
        (void)m_waker.send({&one, 1}, m_wakerAddress); // it fails only when it is full, and then it wakes
    }

private:
    struct Entry {
        UdpSocket::Handle handle;
        void* what;
    };

    void takeChanges()
    {
        const MutexLock lock(m_mutex);
        if (!m_changed)
            return;
        m_changed = false;
        m_polled.clear();
        m_whats.clear();
        for (const Entry& entry : m_entries) {
            m_polled.push_back({static_cast<SOCKET>(entry.handle), POLLRDNORM, 0});
            m_whats.push_back(entry.what);
        }
        m_ready.reserve(m_entries.size());
    }

    void quieten() noexcept
    {
        std::array<std::byte, 8> datagram{};
        SocketAddress from;
        while (m_waker.receive(datagram, from) >= 0) {
        }
    }

    Mutex m_mutex;
    std::vector<Entry> m_entries SR_GUARDED_BY(m_mutex);
    bool m_changed SR_GUARDED_BY(m_mutex) = false;
    UdpSocket m_waker;
    SocketAddress m_wakerAddress;
    // the waiting thread's
    std::vector<WSAPOLLFD> m_polled;
    std::vector<void*> m_whats;
    std::vector<void*> m_ready;
};

} // namespace

Result<std::unique_ptr<SocketSet>> SocketSet::create()
{
    auto set = std::make_unique<PollSet>();
    if (auto started = set->start(); !started)
        return started.error();
    return std::unique_ptr<SocketSet>(std::move(set));
}

} // namespace sr::relay
