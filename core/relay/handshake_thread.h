// SPDX-License-Identifier: GPL-3.0-or-later
// The thread on which DTLS handshakes run, so that their arithmetic holds up no packet: fed by the relay
// threads through bounded rings, heard by them in letters.
#pragma once

#include "core/base/clock.h"
#include "core/relay/dtls_handshake.h"
#include "core/relay/handshake_inlet.h"
#include "core/relay/relay_loop.h"

#include <atomic>
#include <map>
#include <set>
#include <thread>
#include <vector>

namespace sr::relay {

/// One association: of RTP, or of RTCP where that has a port of its own (RFC 5764 §4.1).
struct HandshakeTask {
    std::uint64_t association = 0; ///< of PeerPlan::associations
    RelayLoop* loop = nullptr;
    Wire* wire = nullptr;
    Side side = Side::Caller;
    bool rtcp = false;
    bool hasWay = true; ///< false: there may be no address yet, an empty datagram tells when there is
    Dtls peer;
};

using TimePoint = std::chrono::steady_clock::time_point;

class HandshakeThread {
public:
    static constexpr std::size_t kMostUnderWay = 256;               ///< chosen; others wait for their turn
    static constexpr int kMostAttempts = 3;                         ///< strangers can spoil some; chosen
    static constexpr auto kMostTime = seconds(30);                  ///< from its start to its keys; chosen
    static constexpr std::size_t kRingBytes = std::size_t{1} << 18; ///< chosen: a hundred hellos at once

    /// For `loops` relay threads; the thread itself begins with the first task. Socket.
    static Result<std::unique_ptr<HandshakeThread>> create(std::shared_ptr<const DtlsIdentity> identity,
                                                           std::size_t loops, const Clock& clock);
    ~HandshakeThread() { stop(); }
    HandshakeThread(const HandshakeThread&) = delete;
    HandshakeThread& operator=(const HandshakeThread&) = delete;

    const DtlsIdentity& identity() const noexcept { return *m_identity; }
    HandshakeInlet& inlet(std::size_t loop) noexcept { return *m_inlets[loop]; } ///< for that relay thread

    // Control thread, wait-free.
    void open(HandshakeTask&& task); ///< once the wire's plan that names it has been sent. Socket: not at all
    void close(std::uint64_t association);
    /// Closes all of the wire's, then passes the letter on to the loop: nothing of ours comes behind it.
    void retire(RelayLoop& loop, Letter* letter);
    /// Joins; before the loops stop.
    void stop();

private:
    struct Session {
        HandshakeTask task;
        std::unique_ptr<DtlsHandshake> handshake; ///< none: it has not begun, or is over without keys
        int attempts = 0;
        bool isKeyed = false;
        TimePoint startAt{};  ///< of a client that has not begun
        TimePoint deadline{}; ///< once it has begun
    };
    struct Order {
        Order* next = nullptr;
        std::optional<HandshakeTask> open;
        std::uint64_t close = 0;
        Letter* retire = nullptr;
        RelayLoop* loop = nullptr;
    };
    HandshakeThread(std::shared_ptr<const DtlsIdentity> identity, std::unique_ptr<SocketSet> waker,
                    std::size_t loops, const Clock& clock);
    void post(std::unique_ptr<Order> order);
    void run();
    void obeyAll();
    void obey(const Order& order);
    void take(std::uint64_t association, ByteView datagram);
    void turn(Session& session);
    std::optional<milliseconds> untilNext() const;
    bool begin(Session& session);
    void after(Session& session, DtlsHandshake::State state);
    void succeeded(Session& session);
    void failed(Session& session);
    void giveUp(Session& session);
    static void tell(const Session& session, DtlsResult&& result);
    static DtlsHandshake::Send sender(const Session& session);

    const std::shared_ptr<const DtlsIdentity> m_identity;
    const std::unique_ptr<SocketSet> m_waker;
    const Clock& m_clock;
    std::vector<std::unique_ptr<HandshakeInlet>> m_inlets; // never changes
    Mailbox<Order> m_orders;
    std::atomic<bool> m_stopped{false};
    // handshake thread only
    std::map<std::uint64_t, Session> m_sessions;
    std::set<std::uint64_t> m_waiting; // for a time of theirs
    std::size_t m_underWay = 0;        // handshakes that have begun and are not over
    std::thread m_thread;
};

} // namespace sr::relay
