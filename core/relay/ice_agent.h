// SPDX-License-Identifier: GPL-3.0-or-later
// Full ICE (RFC 8445) with STUN and TURN (RFC 8656) for devices that are to have it, by libnice. An agent
// stands between one device and the relay: the relay knows it as a device at two addresses of this machine,
// the inlets, and what a packet costs elsewhere stays as it was. Absent on Windows: isAvailable() is false.
#pragma once

#include "core/base/endpoint.h"
#include "core/relay/relay_error.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sr::relay {

/// What all agents use.
struct IceOptions {
    struct Server {
        std::string host; ///< name or address; empty: there is none
        std::uint16_t port = 3478;
    };
    Server stun;
    Server turn; ///< by UDP
    std::string turnUser;
    std::string turnPassword;
    std::uint16_t firstPort = 0; ///< of host candidates, up to lastPort; 0: any
    std::uint16_t lastPort = 0;
    std::chrono::milliseconds gathersFor{2000}; ///< then a description has what there is; chosen
};

/// What a description says of one end.
struct IceFacts {
    std::string userFragment;
    std::string password;
    std::vector<std::string> candidates; ///< values of a=candidate (RFC 8839 §5.1)
    Endpoint rtp;                        ///< default candidates
    Endpoint rtcp;
    bool isLite = false;
    bool operator==(const IceFacts&) const = default;
};

enum class IceRole : std::uint8_t {
    Controlling, ///< who offers first, or whose far end is lite (RFC 8445 §6.1.1)
    Controlled,
};

struct IcePlan {
    IpAddress local; ///< ours as the device reaches us: host candidates have it, and the inlets
    IceRole role = IceRole::Controlling;
    bool relayedOnly = false; ///< all goes by TURN; by what there is if that yields nothing
    bool rtcpMux = false;     ///< agreed on: RTCP has no way of its own
};

enum class IceTrouble : std::uint8_t {
    TurnRefused, ///< it answered and gave no address: user or password are wrong, or it is full
    TurnSilent,  ///< no answer within IceOptions::gathersFor
    NoWay,       ///< no pair of candidates worked
};

/// Called on the thread of ICE or inside a call of the agent, and never after its end.
struct IceEvents {
    std::function<void()> gathered;  ///< local() is complete; once
    std::function<void()> connected; ///< RTP has a way; again after a restart
    std::function<void(IceTrouble)> trouble;
};

/// Control thread. What it gets before it has a way is lost, as on a way that is not there yet.
class IceAgent {
public:
    virtual ~IceAgent() = default;
    IceAgent(const IceAgent&) = delete;
    IceAgent& operator=(const IceAgent&) = delete;

    /// Where the relay finds the device.
    virtual Endpoint rtpInlet() const = 0;
    virtual Endpoint rtcpInlet() const = 0;
    /// Where the device's packets go; nothing is taken from anywhere else.
    virtual void setRelay(const Endpoint& rtp, const Endpoint& rtcp) = 0;

    /// Complete once `gathered` has been told. The defaults are those of the selected pair, where there is
    /// one.
    virtual IceFacts local() const = 0;
    /// Another login in an offer is a restart (RFC 8445 §9): then local() has changed as well.
    virtual void setRemote(const IceFacts& remote, bool isOffer) = 0;
    /// A device without ICE, which is spoken to all the same.
    virtual void setPlain(const Endpoint& rtp, const Endpoint& rtcp) = 0;

protected:
    IceAgent() = default;
};

class IceLoop;

/// The thread of ICE, which begins with its first agent. Control thread.
class IceThread {
public:
    static bool isAvailable();
    explicit IceThread(IceOptions options);
    /// Waits for TURN servers to take back what they gave, for half a second at most. Agents are gone by
    /// then.
    ~IceThread();
    IceThread(const IceThread&) = delete;
    IceThread& operator=(const IceThread&) = delete;

    const IceOptions& options() const { return m_options; }
    /// Begins to gather. Socket; Ice without isAvailable() or if libnice refuses.
    Result<std::unique_ptr<IceAgent>> open(const IcePlan& plan, IceEvents events);

private:
    IceOptions m_options;
    std::unique_ptr<IceLoop> m_loop;
};

} // namespace sr::relay
