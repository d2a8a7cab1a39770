// SPDX-License-Identifier: GPL-3.0-or-later
// One relay thread: waits for its sockets, hands each datagram to its wire, and takes letters of the control
// thread between two packets.
#pragma once

#include "core/relay/mailbox.h"
#include "core/relay/socket_set.h"
#include "core/relay/wire.h"

#include <atomic>
#include <thread>

namespace sr::relay {

/// To the relay thread, from the control thread or that of handshakes, and back to the control thread, which
/// frees it.
struct Letter {
    enum class Kind : std::uint8_t {
        Plan,       ///< `plan` for `side`; returns with the old one
        Handshake,  ///< `dtls` for `side`
        Substitute, ///< `substitute` for `side`
        Key,        ///< `key` of `side`
        Retire,     ///< no packet is under way in the wire any more, and none will be
        Close       ///< `ports` are out of the set; returns when no turn names them any more
    };
    Letter* next = nullptr;
    Kind kind = Kind::Plan;
    Wire* wire = nullptr; ///< of all but Close
    BridgePorts* ports = nullptr;
    Side side = Side::Caller;
    std::optional<PeerPlan> plan;
    DtlsResult dtls;
    std::optional<relay::Substitute> substitute = {};
    PressedKey key = {};
};

class RelayLoop {
public:
    /// `handshakes` outlives its thread. Socket.
    static Result<std::unique_ptr<RelayLoop>> start(std::size_t tapBytes, HandshakeInlet& handshakes);
    ~RelayLoop() { stop(); }
    RelayLoop(const RelayLoop&) = delete;
    RelayLoop& operator=(const RelayLoop&) = delete;

    /// Control thread; joins. Letters sent before or later return through takeReturned() all the same.
    void stop();

    SocketSet& sockets() noexcept { return *m_sockets; }
    TapRing& tapRing() noexcept { return m_tap; }
    enum class Urgency : std::uint8_t {
        Now,
        NextPacket ///< or hurry(): whoever asks for nothing before may let the thread sleep until then
    };
    /// Any thread but while it is stopped, wait-free. A plan meets every packet that arrives after this has
    /// returned.
    void send(Letter* letter, Urgency urgency = Urgency::Now) noexcept;
    void hurry() noexcept; ///< control thread: what waits is read now
    Letter* takeReturned() noexcept { return m_returned.takeAll(); } ///< control thread; oldest first

private:
    RelayLoop(std::unique_ptr<SocketSet> sockets, std::size_t tapBytes, HandshakeInlet& handshakes);
    void run() noexcept;
    void wake() noexcept;
    void drain(Inlet& inlet) noexcept;
    void openLetters() noexcept;
    void open(Letter& letter) noexcept;
    void answerClosed() noexcept;

    /// Then other sockets have their turn. Chosen: over a second of one stream, and under half a millisecond
    /// of work.
    static constexpr int kMostInTurn = 64;
    static constexpr std::size_t kDatagramBytes = 65536;

    const std::unique_ptr<SocketSet> m_sockets;
    TapRing m_tap;
    HandshakeInlet& m_handshakes;
    Mailbox<Letter> m_letters;
    Mailbox<Letter> m_returned;
    std::atomic<bool> m_stopped{false};
    std::atomic<bool> m_woken{false}; ///< since it has looked for letters last
    // relay thread only
    const std::unique_ptr<std::byte[]> m_buffer;
    Letter* m_closed = nullptr; // to be answered when the batch of wait() is through
    std::thread m_thread;
};

} // namespace sr::relay
