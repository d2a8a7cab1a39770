// SPDX-License-Identifier: GPL-3.0-or-later
// What the media server shares with its ports: orders to the beat, and the beat itself. Internal to
// core/media.
#pragma once

#include "core/media/media_server.h"
#include "core/media/port_core.h"
#include "core/relay/mailbox.h"
#include "core/relay/port_pool.h"

#include <atomic>
#include <thread>
#include <unordered_map>

namespace sr::media {

/// What the control thread wants of the beat thread, which runs it and sends it back: so what it holds is
/// freed where it was made.
struct Order {
    virtual ~Order() = default;
    virtual void run() = 0;
    Order* next = nullptr;
};

template <typename Function>
struct OrderOf final : Order {
    explicit OrderOf(Function what)
        : function(std::move(what))
    {}
    void run() override { function(); }
    Function function;
};

class ServerCore {
public:
    using TimePoint = MediaServer::TimePoint;
    static constexpr std::chrono::milliseconds kBeat{20};

    explicit ServerCore(const MediaOptions& options);
    ~ServerCore();
    void stop();

    // Control thread
    template <typename Function>
    void order(Function what)
    {
        freeDone();
        if (!m_stops)
            m_orders.put(new OrderOf<Function>(std::move(what))); // freeDone() or the end deletes it
    }
    Result<relay::PortPair> takePorts(const IpAddress& address);
    void add(std::shared_ptr<PortCore> port);
    void remove(std::shared_ptr<PortCore> port, const Endpoint& local);
    std::size_t ports() const { return m_count.load(std::memory_order_relaxed); }
    RecordingWriter& writer() { return *m_writer; } ///< before stop()

    TimePoint beat(TimePoint now); ///< beat thread

private:
    static constexpr std::int64_t kMostLate = 10; ///< beats that are made up for; more are left out

    void run();
    void wake();
    void runOrders();
    void freeDone();

    const MediaOptions m_options;
    relay::PortPool m_pool;
    relay::Mailbox<Order> m_orders;
    relay::Mailbox<Order> m_done;
    std::atomic<std::size_t> m_count{0}; ///< of ports; the thread sleeps at 0
    std::atomic<bool> m_stops{false};
    std::atomic<unsigned> m_wakes{0};
    std::unique_ptr<RecordingWriter> m_writer;

    // Beat thread
    std::vector<std::shared_ptr<PortCore>> m_ports;
    std::optional<TimePoint> m_next;
    std::uint64_t m_beat = 0;

    std::thread m_thread;
};

} // namespace sr::media
