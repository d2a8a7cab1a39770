// SPDX-License-Identifier: GPL-3.0-or-later
// The media relay of the exchange: what one device of a call sends goes on to the other, and a copy of the
// sound to the recorder. RTP and RTCP over UDP (RFC 3550), symmetric (RFC 4961), RTCP on a port of its own or
// on that of RTP (RFC 5761), ICE as its lite side (RFC 8445), SRTP by SDES and DTLS (RFC 5764). Limits: no
// peers with link-local addresses unless they send first.
#pragma once

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/endpoint.h"
#include "core/relay/dtls_handshake.h"
#include "core/relay/pressed_keys.h"
#include "core/relay/relay_error.h"
#include "core/rtp/stream.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sr::relay {

class RelayCore;

enum class Side : std::uint8_t { Caller, Callee };

struct RelayOptions {
    unsigned threads = 1; ///< relay threads, 1 to kMostThreads; each call stays with one
    std::uint16_t firstPort = 20000;
    std::uint16_t lastPort = 29999; ///< within the range
    std::size_t tapBytes = std::size_t{8}
                           << 20; ///< copies that wait for drainTap(), for each thread [octets]
    const Clock* clock = nullptr; ///< for how long a DTLS handshake may last; null: the machine's

    static constexpr unsigned kMostThreads = 64;
};

/// What our description says towards a device with ICE (RFC 8839 §5.4).
struct IceCredentials {
    std::string userFragment;
    std::string password;
    bool operator==(const IceCredentials&) const = default;
};

/// What a device's description says of DTLS.
struct Dtls {
    DtlsRole role = DtlsRole::Server; ///< ours
    std::vector<rtp::Fingerprint> fingerprints;
    bool operator==(const Dtls&) const = default;
};

/// What the signalling says of one side's device. An unspecified address or port 0 in `rtp`: nothing is sent
/// there (hold as in RFC 2543), but for port 9 with ICE, which has yet to find the address (RFC 8840 §4.1.1).
struct Peer {
    std::uint64_t device = 0; ///< with another number nothing that was learnt of the former one holds on
    Endpoint rtp;
    Endpoint rtcp; ///< port 0: one above that of `rtp`
    bool rtcpMux = false;
    std::optional<rtp::SrtpKey> sends;   ///< SDES key under which it sends; absent: clear
    std::optional<rtp::SrtpKey> expects; ///< ours, under which we send to it; absent: clear
    std::optional<Dtls> dtls;            ///< keys come by a handshake; then there are no SDES keys
    std::optional<IceCredentials> ice;   ///< ours, if it is a full agent; absent: it checks nothing
    bool operator==(const Peer&) const = default;
};

/// Who speaks in a device's place, such as music for who is on hold: a port of this machine, in the clear.
struct Substitute {
    Endpoint source;     ///< its RTP is taken from there and nowhere else, at the side's own RTP port
    bool yields = false; ///< to the device itself while that sends sound; else what it sends ends here
    bool operator==(const Substitute&) const = default;
};

/// How far the DTLS handshake of a side's RTP has come.
enum class Handshake : std::uint8_t { None, UnderWay, Done, Failed };

/// Counts of what came from one device. Packets and octets are those of RTP that was accepted.
struct SideState {
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;                           ///< of the datagrams
    std::uint64_t rtcp = 0;                             ///< RTCP datagrams that were accepted
    std::uint64_t checks = 0;                           ///< connectivity checks with the right credentials
    std::uint64_t refused = 0;                          ///< neither RTP nor RTCP, of a wrong source, or SRTP
                                                        ///< that its key does not open
    std::uint64_t unsent = 0;                           ///< accepted, and found no way to the other side
    std::uint64_t substituted = 0;                      ///< RTP of its substitute that went on [packets]
    std::chrono::steady_clock::time_point lastPacket{}; ///< RTP; never: zero
    Handshake handshake = Handshake::None;
    Endpoint source; ///< where its RTP really comes from, or with ICE is nominated; port 0: not known
};

/// The media of one call. All functions on one thread (control), none of them waits for the relay thread;
/// state() on any. Until a side's first setPeer() all that comes from it is refused.
///
/// Where RTP really comes from decides where RTP goes to: the first valid packet after a setPeer() with a
/// changed address settles the source, and from then on no other is heard (a stranger cannot take over a
/// running stream) but the signalled address, before which a stranger may have come; not where that is one
/// behind a NAT. RTCP on a port of its own has to come from the same address. Each side is clear or encrypted
/// by itself; what is clear on both goes on untouched.
///
/// With ICE only who has sent a check with the right credentials is heard, and media goes where the newest
/// nomination came from, RTP and RTCP each for themselves; new credentials (a restart, RFC 8445 §9) leave
/// that as it is until there is a new nomination.
class Bridge {
public:
    /// The ports go back once the relay thread has let go of them, at the latest during a later call of
    /// Relay::open().
    ~Bridge();
    Bridge(const Bridge&) = delete;
    Bridge& operator=(const Bridge&) = delete;

    /// Our RTP address towards that side; RTCP is one port above it.
    Endpoint local(Side side) const;
    /// May come again (re-INVITE); packets that arrive after it has returned meet the new peer. A key that is
    /// the same as before keeps its roll-over counts. Family, and what rtp::SrtpReceiver::open() returns;
    /// then nothing has changed.
    Status setPeer(Side side, const Peer& peer);
    /// From now on the other side hears the substitute, under an SSRC of its own, and so does the recording;
    /// nullopt: the device again. Nothing but sound goes another way: reports, keys and the settled source
    /// stay.
    void setSubstitute(Side side, const std::optional<Substitute>& substitute);
    /// The other side and the recording hear the key as events, in place of what this one says meanwhile. The
    /// key waits for that: only a device that speaks can press any.
    void press(Side from, const PressedKey& key);
    /// RTP of both sides that arrives from now on is copied for drainTap() under this tag; nullopt: none. It
    /// is forwarded either way.
    void setTap(std::optional<std::uint64_t> tag);
    /// Payload types (96 to 127) of telephone events (RFC 4733) that the side sends. Their packets are told
    /// apart, TapPacket::key, and copied even while there is no tap; `tag` is that of setTap().
    void setKeys(std::uint64_t tag, Side side, const std::vector<std::uint8_t>& payloadTypes);
    SideState state(Side side) const;

private:
    friend class Relay;
    struct Impl;
    explicit Bridge(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// RTP as one device sent it, clear even if it came encrypted.
struct TapPacket {
    UtcTime time{}; ///< of its arrival
    std::uint64_t tag = 0;
    Side from = Side::Caller;
    /// How many of this side's device, or of its substitute, were not copied since the bridge was opened
    /// [packets], modulo 2^16: by as many its sequence numbers run ahead of the copies.
    std::uint16_t skipped = 0;
    ByteView datagram;  ///< lives during the visit
    bool key = false;   ///< Bridge::setKeys()
    bool tapped = true; ///< false: there is no tap, it is for who hears keys alone, and `skipped` counts it
};

/// Sockets, relay threads and port range. Bridges may outlive it, and then relay nothing.
class Relay {
public:
    /// Options, Socket, Dtls.
    static Result<std::unique_ptr<Relay>> start(const RelayOptions& options);
    /// Stops and joins the relay threads.
    ~Relay();
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;

    /// Control thread. Ports on the addresses of this machine that face the devices; they have rested as long
    /// as can be, for late packets of an old call must not reach a new one. NoPorts, Socket.
    Result<std::unique_ptr<Bridge>> open(const IpAddress& callerSide, const IpAddress& calleeSide);
    void onSecond(); ///< control thread: what calls that are over have left is put away
    /// Of the certificate that every DTLS handshake shows, one for each start: `sha-256 AB:CD:...`. Any
    /// thread.
    const std::string& fingerprint() const;
    /// One thread, that of the spool: hands out what the relay threads copied, in order of arrival for each
    /// bridge. Returns how many.
    std::size_t drainTap(const std::function<void(const TapPacket&)>& visit);
    std::uint64_t tapLost() const;   ///< copies that found the ring full; any thread
    std::size_t openBridges() const; ///< any thread

private:
    explicit Relay(std::shared_ptr<RelayCore> core);
    std::shared_ptr<RelayCore> m_core; // bridges share it
};

} // namespace sr::relay
