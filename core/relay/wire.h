// SPDX-License-Identifier: GPL-3.0-or-later
// A bridge as its relay thread sees it: four sockets, two devices, and what becomes of each datagram.
#pragma once

#include "core/relay/bridge_ports.h"
#include "core/relay/counters.h"
#include "core/relay/handshake_inlet.h"
#include "core/relay/relay.h"
#include "core/relay/tap_ring.h"
#include "core/rtp/srtp.h"
#include "core/rtp/srtp_sender.h"

#include <array>
#include <optional>
#include <span>

namespace sr::relay {

/// What the signalling says of a device, ready for use: made by the control thread; the relay thread only
/// moves state of ciphers from one to the next.
struct PeerPlan {
    SocketAddress rtp;  ///< none: nothing is sent there; with ICE only that
    SocketAddress rtcp; ///< for a device that wants it on a port of its own
    bool rtcpMux = false;
    bool hasIce = false;
    bool hasDtls = false;
    bool moved = true; ///< another address or device than in the plan before, or ICE has come or gone
    bool sameSends = false;
    bool sameExpects = false;                    ///< the key is that of the plan before, whose state goes on
    bool sameDtls = false;                       ///< that holds for what the handshakes have come to
    std::array<std::uint64_t, 2> associations{}; ///< of RTP, of RTCP on its own port; 0: there is none
    std::unique_ptr<rtp::SrtpReceiver> receiver;
    std::unique_ptr<rtp::SrtpSender> sender;
    std::unique_ptr<rtp::SrtpReceiver> rtcpReceiver; ///< of a DTLS association of its own
    std::unique_ptr<rtp::SrtpSender> rtcpSender;
    Peer peer; ///< last, for no packet of media asks for it but a stranger's

    /// `before`: what the plan before was made of. Whatever SrtpReceiver::open() returns.
    static Result<PeerPlan> of(const Peer& peer, const std::optional<Peer>& before);
};

/// What the thread of handshakes has to tell a wire: words of ours to the device, keys, or that it failed.
struct DtlsResult {
    std::uint64_t association = 0;
    bool rtcp = false;
    bool isOver = false; ///< and there will be no further attempt
    Bytes datagram;      ///< to be sent; empty: it is about the rest
    std::unique_ptr<rtp::SrtpReceiver> receiver;
    std::unique_ptr<rtp::SrtpSender> sender;
};

/// What a relay thread has at hand for a packet.
struct Desk {
    TapRing& tap;
    HandshakeInlet& handshakes;
    std::chrono::steady_clock::time_point now;
    std::int64_t utc = 0; ///< [us] since 1970
};

// RFC 3551 §6
inline constexpr unsigned kFirstDynamicType = 96;
inline constexpr unsigned kLastDynamicType = 127;

/// Made and destroyed by the control thread; in between, what is not said to be of any thread belongs to the
/// relay thread: no lock, and no allocation but for the ciphers of an SSRC that has not been seen before.
class Wire {
public:
    explicit Wire(std::unique_ptr<BridgePorts> ports);
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    BridgePorts& ports() noexcept { return *m_ports; }                               ///< any thread
    std::unique_ptr<BridgePorts> takePorts() noexcept { return std::move(m_ports); } ///< at the end
    const Endpoint& local(Side side) const noexcept                                  ///< any thread
    {
        return m_ports->local[static_cast<std::size_t>(side)];
    }
    void attach() noexcept { m_ports->wire = this; } ///< from now on its ports serve it
    void detach() noexcept { m_ports->wire = nullptr; }
    /// One thread, any. Takes effect at once.
    void setTap(std::optional<std::uint64_t> tag) noexcept;
    /// Bit n: what that side sends as payload type 96 + n are keys, to be copied under `tag` without a tap,
    /// too. Likewise.
    void setKeys(std::uint64_t tag, Side from, std::uint32_t types) noexcept;
    SideState state(Side side) const noexcept; ///< any thread

    /// Exchanges the plan for that side; `plan` becomes the old one, so that its maker frees it.
    void exchangePlan(Side side, std::optional<PeerPlan>& plan) noexcept;
    void setSubstitute(Side side, const std::optional<Substitute>& substitute) noexcept;
    void press(Side from, const PressedKey& key) { leg(from).pressed.press(key); }
    /// Keys are exchanged for what there was, so that their maker frees it; those of a former plan are not.
    void takeResult(Side side, DtlsResult& result) noexcept;
    /// One datagram, just read from the inlet's socket.
    void take(const Inlet& inlet, ByteView datagram, const SocketAddress& from, const Desk& desk) noexcept;

private:
    /// Where packets of one kind come from, once the first has come.
    struct Source {
        Endpoint endpoint;
        SocketAddress address;
        explicit operator bool() const noexcept { return static_cast<bool>(address); }
    };
    /// Where checks with the right credentials came from, the newest ones.
    class Checked {
    public:
        bool has(const Endpoint& source) const noexcept;
        void add(const Endpoint& source) noexcept;

    private:
        std::array<Endpoint, 8> m_sources{}; // chosen: a device has a few addresses
        std::size_t m_next = 0;
    };
    struct Leg {
        std::optional<PeerPlan> plan;
        Source rtp;
        Source rtcp;
        Counter packets, octets, rtcpPackets, checks, refused, unsent, substituted;
        std::atomic<std::chrono::steady_clock::rep> lastPacket{0};
        std::uint16_t skipped = 0; // packets that were not copied
        std::optional<Substitute> substitute;
        PressedKeys pressed;
        Endpoint barred;                                 // a former substitute
        std::uint16_t substituteSkipped = 0;             // its packets that were not copied
        std::chrono::steady_clock::time_point spokeAt{}; // beside its substitute, and was heard
        std::atomic<Handshake> handshake{Handshake::None};
        PublishedEndpoint source;
        std::array<Checked, 2> checked; // by Inlet::rtcp
        std::array<Source, 2> dtls;     // by Inlet::rtcp: whose hands are being shaken, without ICE

        bool hasIce() const noexcept { return plan->hasIce; }
        bool isBarred(const SocketAddress& from) const noexcept;
        bool isSubstitute(const Inlet& inlet, const SocketAddress& from) const noexcept;
        bool isHeard(std::uint8_t payloadType, std::chrono::steady_clock::time_point now) noexcept;
        const SocketAddress& rtpTarget() const noexcept;
        const SocketAddress& rtcpTarget() const noexcept;
        bool knowsRtp(const Endpoint& from) const noexcept;
        bool mayTakeOver(const Endpoint& from) const noexcept;
        bool knowsDtls(bool ofReports, const Endpoint& from) const noexcept;
        const SocketAddress& dtlsTarget(bool ofReports) const noexcept;
        bool knowsRtcp(const Inlet& inlet, const Endpoint& from) const noexcept;
    };

    Leg& leg(Side side) noexcept { return m_legs[static_cast<std::size_t>(side)]; }
    const Leg& leg(Side side) const noexcept { return m_legs[static_cast<std::size_t>(side)]; }
    UdpSocket& socket(Side side, bool rtcp) noexcept { return m_ports->socket(side, rtcp); }
    bool takeRtp(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from,
                 const Desk& desk) noexcept;
    bool takeSubstitute(Leg& leg, Side side, ByteView datagram, const Desk& desk) noexcept;
    bool takeRtcp(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from) noexcept;
    bool takeOther(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from,
                   const Desk& desk) noexcept;
    bool takeCheck(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from,
                   const Desk& desk) noexcept;
    bool takeDtls(Leg& leg, const Inlet& inlet, ByteView datagram, const SocketAddress& from,
                  const Desk& desk) noexcept;
    using Unprotect = Result<ByteView, rtp::SrtpErrc> (rtp::SrtpReceiver::*)(ByteView);
    static std::optional<ByteView> opened(const PeerPlan& plan, rtp::SrtpReceiver* receiver,
                                          Unprotect unprotect, ByteView datagram);
    bool forward(Side to, bool rtcp, ByteView clear);
    void settle(Leg& leg, const Endpoint& source, const SocketAddress& from) noexcept;
    bool isKey(Side from, ByteView datagram) const noexcept;
    bool isOfTheTap(Side from, ByteView datagram, bool key) noexcept;
    void tap(std::uint16_t& skipped, Side from, ByteView datagram, const Desk& desk) noexcept;

    std::unique_ptr<BridgePorts> m_ports;
    std::array<Leg, 2> m_legs;
    std::atomic<std::uint64_t> m_tag{0};
    std::atomic<bool> m_tapped{false};
    std::array<std::atomic<std::uint32_t>, 2> m_keys{};
    std::array<std::optional<std::uint32_t>, 2> m_untappedKeys; // RTP time of the last key without a tap
};

} // namespace sr::relay
