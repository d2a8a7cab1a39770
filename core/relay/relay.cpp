// SPDX-License-Identifier: GPL-3.0-or-later
// The control thread's side of the relay: ports, wires, and letters to the relay threads.
#include "core/relay/relay.h"

#include "core/relay/handshake_thread.h"
#include "core/relay/relay_loop.h"
#include "core/relay/resting_ports.h"

#include <algorithm>
#include <vector>

namespace sr::relay {
namespace {

/// Datagrams of any size find room in it.
constexpr std::size_t kLeastTapBytes = std::size_t{256} << 10;
/// So that those of a fast row of calls rest no longer than they must. Chosen: 16 times a second at most
/// rates.
constexpr std::uint64_t kCallsBetweenLooks = 64;

} // namespace

/// Lives as long as the relay or any of its bridges. Control thread, where nothing else is said.
class RelayCore {
public:
    explicit RelayCore(const RelayOptions& options)
        : m_clock(options.clock != nullptr ? *options.clock : m_ownClock)
        , m_ports(options.firstPort, options.lastPort)
    {}
    RelayCore(const RelayCore&) = delete;
    RelayCore& operator=(const RelayCore&) = delete;
    ~RelayCore()
    {
        stop();
        while (collect()) {
        } // what rests no longer comes back as closed
    }

    Status start(const RelayOptions& options)
    {
        if (m_ports.pairs() == 0 || options.threads == 0 || options.threads > RelayOptions::kMostThreads)
            return fail(RelayErrc::Options, "media ports " + std::to_string(options.firstPort) + " to " +
                                                std::to_string(options.lastPort) + ", " +
                                                std::to_string(options.threads) + " threads");
        auto identity = DtlsIdentity::make(m_ownClock.utcNow());
        if (!identity)
            return identity.error();
        auto handshakes = HandshakeThread::create(std::move(*identity), options.threads, m_clock);
        if (!handshakes)
            return handshakes.error();
        m_handshakes = std::move(*handshakes);
        for (unsigned i = 0; i < options.threads; ++i) {
            auto loop = RelayLoop::start(std::max(options.tapBytes, kLeastTapBytes), m_handshakes->inlet(i));
            if (!loop)
                return loop.error();
            m_threads.push_back({std::move(*loop), 0});
        }
        return {};
    }
    void stop()
    {
        if (m_handshakes)
            m_handshakes->stop();
        for (Thread& thread : m_threads)
            thread.loop->stop();
    }

    Result<std::unique_ptr<Wire>> newWire(const IpAddress& callerSide, const IpAddress& calleeSide)
    {
        (void)collect();
        if (++m_opened % kCallsBetweenLooks == 0)
            lookAtResting();
        auto ports = m_resting.take(callerSide, calleeSide, m_clock.steadyNow());
        if (!ports) {
            auto fresh = newPorts(callerSide, calleeSide);
            ports = fresh ? std::move(*fresh) : m_resting.takeAnyway(callerSide, calleeSide);
            if (!ports)
                return fresh.error();
        }
        makeRoom();
        ++m_threads[ports->thread].wires;
        ++m_open;
        return std::make_unique<Wire>(std::move(ports));
    }

    void exchangePlan(std::size_t thread, Wire& wire, Side side, PeerPlan&& plan, RelayLoop::Urgency urgency)
    {
        m_threads[thread].loop->send(new Letter{.kind = Letter::Kind::Plan,
                                                .wire = &wire,
                                                .side = side,
                                                .plan = std::move(plan),
                                                .dtls = {}}, // comes back to collect()
                                     urgency);
        (void)collect();
    }
    void setSubstitute(std::size_t thread, Wire& wire, Side side, const std::optional<Substitute>& substitute)
    {
        m_threads[thread].loop->send(new Letter{.kind = Letter::Kind::Substitute,
                                                .wire = &wire,
                                                .side = side,
                                                .plan = {},
                                                .dtls = {},
                                                .substitute = substitute}); // comes back to collect()
        (void)collect();
    }
    void press(std::size_t thread, Wire& wire, Side from, const PressedKey& key)
    {
        m_threads[thread].loop->send(new Letter{.kind = Letter::Kind::Key,
                                                .wire = &wire,
                                                .side = from,
                                                .plan = {},
                                                .dtls = {},
                                                .key = key}, // comes back to collect()
                                     RelayLoop::Urgency::NextPacket);
        (void)collect();
    }
    std::uint64_t newAssociation() noexcept { return ++m_associations; }
    void shakeHands(std::size_t thread, HandshakeTask&& task)
    {
        task.loop = m_threads[thread].loop.get();
        m_handshakes->open(std::move(task));
    }
    void forget(std::uint64_t association) { m_handshakes->close(association); }
    const std::string& fingerprint() const noexcept { return m_handshakes->identity().fingerprint(); }

    void retire(std::unique_ptr<Wire> wire, bool hasShakenHands)
    {
        Thread& thread = m_threads[wire->ports().thread];
        --thread.wires;
        --m_open;
        auto* letter =
            new Letter{.kind = Letter::Kind::Retire, .wire = wire.release(), .plan = {}, .dtls = {}};
        if (hasShakenHands)
            m_handshakes->retire(*thread.loop, letter);
        else // no call need wake the thread for it
            thread.loop->send(letter,
                              m_ports.isAmple() ? RelayLoop::Urgency::NextPacket : RelayLoop::Urgency::Now);
        (void)collect();
    }

    void lookAtResting()
    {
        hurry();
        (void)collect();
        m_resting.look(m_clock.steadyNow());
        closeSurplus();
    }

    std::size_t drainTap(const std::function<void(const TapPacket&)>& visit)
    {
        std::size_t count = 0;
        for (const Thread& thread : m_threads)
            count += thread.loop->tapRing().drain([&](const TapRing::Label& label, ByteView datagram) {
                visit({UtcTime(microseconds(label.time)), label.tag, static_cast<Side>(label.from & 1U),
                       static_cast<std::uint16_t>(label.from >> kSkippedShift), datagram,
                       (label.from & kKeyBit) != 0, (label.from & kUntappedBit) == 0});
            });
        return count;
    }
    std::uint64_t tapLost() const
    {
        std::uint64_t lost = 0;
        for (const Thread& thread : m_threads)
            lost += thread.loop->tapRing().lost();
        return lost;
    }
    std::size_t openBridges() const noexcept { return m_open.load(std::memory_order_relaxed); }

private:
    struct Thread {
        std::unique_ptr<RelayLoop> loop;
        std::size_t wires = 0;
    };

    /// What calls that are over have left comes back soon.
    void hurry()
    {
        for (const Thread& thread : m_threads)
            thread.loop->hurry();
    }
    /// What the relay threads are done with; false: there is nothing.
    bool collect()
    {
        bool hasAny = false;
        for (const Thread& thread : m_threads)
            for (Letter* letter = thread.loop->takeReturned(); letter != nullptr;) {
                const std::unique_ptr<Letter> mine(letter);
                letter = mine->next;
                hasAny = true;
                if (mine->kind == Letter::Kind::Retire)
                    free(std::unique_ptr<Wire>(mine->wire));
                else if (mine->kind == Letter::Kind::Close)
                    free(std::unique_ptr<BridgePorts>(mine->ports));
            }
        return hasAny;
    }
    void free(std::unique_ptr<Wire> wire)
    {
        m_resting.rest(wire->takePorts(), m_clock.steadyNow());
        makeRoom();
    }
    void free(const std::unique_ptr<BridgePorts>& ports)
    {
        for (const Endpoint& local : ports->local)
            m_ports.giveBack(local);
    }
    /// Where pairs are scarce none rests.
    void makeRoom()
    {
        if (!m_ports.isAmple()) {
            m_resting.dismissAll();
            hurry();
        }
        closeSurplus();
    }
    void closeSurplus()
    {
        for (std::unique_ptr<BridgePorts>& ports : m_resting.takeSurplus())
            close(std::move(ports));
    }
    void close(std::unique_ptr<BridgePorts> ports)
    {
        RelayLoop& loop = *m_threads[ports->thread].loop;
        for (const Inlet& inlet : ports->inlets)
            loop.sockets().remove(inlet.socket);
        loop.send(new Letter{
            .kind = Letter::Kind::Close, .ports = ports.release(), .plan = {}, .dtls = {}}); // to collect()
    }

    Result<std::unique_ptr<BridgePorts>> newPorts(const IpAddress& callerSide, const IpAddress& calleeSide)
    {
        auto caller = m_ports.take(callerSide);
        if (!caller)
            return caller.error();
        auto callee = m_ports.take(calleeSide);
        if (!callee) {
            m_ports.giveBack(caller->local);
            return callee.error();
        }
        const auto least = std::ranges::min_element(m_threads, {}, &Thread::wires);
        auto ports = std::make_unique<BridgePorts>(std::move(*caller), std::move(*callee),
                                                   static_cast<std::size_t>(least - m_threads.begin()));
        for (Inlet& inlet : ports->inlets)
            if (auto added = least->loop->sockets().add(inlet.socket, &inlet); !added) {
                close(std::move(ports));
                return added.error();
            }
        return ports;
    }

    SystemClock m_ownClock;
    const Clock& m_clock;
    PortPool m_ports;
    RestingPorts m_resting{RestingPorts::Limits()};
    std::unique_ptr<HandshakeThread> m_handshakes; // never changed once started, as are these:
    std::vector<Thread> m_threads;
    std::uint64_t m_associations = 0;
    std::uint64_t m_opened = 0;
    std::atomic<std::size_t> m_open{0};
};

struct Bridge::Impl {
    std::shared_ptr<RelayCore> core;
    std::size_t thread = 0;
    std::unique_ptr<Wire> wire;
    std::array<std::optional<Peer>, 2> peers{};
    std::array<std::array<std::uint64_t, 2>, 2> associations{}; ///< by side, as in PeerPlan
    bool hasShakenHands = false;

    /// Those of the side from now on, and which of them are new.
    std::vector<HandshakeTask> associate(Side side, const Peer& peer, bool isSame);
};

std::vector<HandshakeTask> Bridge::Impl::associate(Side side, const Peer& peer, bool isSame)
{
    std::vector<HandshakeTask> tasks;
    auto& mine = associations[static_cast<std::size_t>(side)];
    for (std::uint64_t& association : mine)
        if (!isSame && association != 0)
            core->forget(std::exchange(association, 0));
    for (const bool rtcp : {false, true}) {
        std::uint64_t& association = mine[rtcp ? 1 : 0];
        if (!peer.dtls || association != 0 || (rtcp && peer.rtcpMux))
            continue;
        association = core->newAssociation();
        HandshakeTask task;
        task.association = association;
        task.wire = wire.get();
        task.side = side;
        task.rtcp = rtcp;
        task.hasWay = !peer.ice;
        task.peer = *peer.dtls;
        tasks.push_back(std::move(task));
    }
    hasShakenHands = hasShakenHands || !tasks.empty();
    return tasks;
}

Bridge::Bridge(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

Bridge::~Bridge()
{
    m_impl->core->retire(std::move(m_impl->wire), m_impl->hasShakenHands);
}

Endpoint Bridge::local(Side side) const
{
    return m_impl->wire->local(side);
}

Status Bridge::setPeer(Side side, const Peer& peer)
{
    const bool v4 = local(side).address.isV4();
    for (const Endpoint& endpoint : {peer.rtp, peer.rtcp})
        if (!peer.ice && !endpoint.address.isUnspecified() && endpoint.address.isV4() != v4)
            return fail(RelayErrc::Family, endpoint.toString() + " from " + local(side).toString());
    auto& before = m_impl->peers[static_cast<std::size_t>(side)];
    auto plan = PeerPlan::of(peer, before);
    if (!plan)
        return plan.error();
    auto tasks = m_impl->associate(side, peer, plan->sameDtls);
    plan->associations = m_impl->associations[static_cast<std::size_t>(side)];
    // A device's first plan changes nothing before its first packet, so that no call wakes the thread for it.
    const auto urgency = before || peer.dtls ? RelayLoop::Urgency::Now : RelayLoop::Urgency::NextPacket;
    m_impl->core->exchangePlan(m_impl->thread, *m_impl->wire, side, std::move(*plan), urgency);
    for (HandshakeTask& task : tasks)
        m_impl->core->shakeHands(m_impl->thread, std::move(task));
    before = peer;
    return {};
}

void Bridge::setSubstitute(Side side, const std::optional<Substitute>& substitute)
{
    m_impl->core->setSubstitute(m_impl->thread, *m_impl->wire, side, substitute);
}

void Bridge::press(Side from, const PressedKey& key)
{
    m_impl->core->press(m_impl->thread, *m_impl->wire, from, key);
}

void Bridge::setTap(std::optional<std::uint64_t> tag)
{
    m_impl->wire->setTap(tag);
}

void Bridge::setKeys(std::uint64_t tag, Side side, const std::vector<std::uint8_t>& payloadTypes)
{
    std::uint32_t types = 0;
    for (const std::uint8_t type : payloadTypes)
        if (type >= kFirstDynamicType && type <= kLastDynamicType)
            types |= std::uint32_t{1} << (type - kFirstDynamicType);
    m_impl->wire->setKeys(tag, side, types);
}

SideState Bridge::state(Side side) const
{
    return m_impl->wire->state(side);
}

Relay::Relay(std::shared_ptr<RelayCore> core)
    : m_core(std::move(core))
{}

Relay::~Relay()
{
    m_core->stop();
}

Result<std::unique_ptr<Relay>> Relay::start(const RelayOptions& options)
{
    auto core = std::make_shared<RelayCore>(options);
    if (auto started = core->start(options); !started)
        return started.error();
    return std::unique_ptr<Relay>(new Relay(std::move(core)));
}

Result<std::unique_ptr<Bridge>> Relay::open(const IpAddress& callerSide, const IpAddress& calleeSide)
{
    auto wire = m_core->newWire(callerSide, calleeSide);
    if (!wire)
        return wire.error();
    auto impl = std::make_unique<Bridge::Impl>();
    impl->core = m_core;
    impl->thread = (*wire)->ports().thread;
    impl->wire = std::move(*wire);
    return std::unique_ptr<Bridge>(new Bridge(std::move(impl)));
}

void Relay::onSecond()
{
    m_core->lookAtResting();
}

const std::string& Relay::fingerprint() const
{
    return m_core->fingerprint();
}

std::size_t Relay::drainTap(const std::function<void(const TapPacket&)>& visit)
{
    return m_core->drainTap(visit);
}

std::uint64_t Relay::tapLost() const
{
    return m_core->tapLost();
}

std::size_t Relay::openBridges() const
{
    return m_core->openBridges();
}

} // namespace sr::relay
