// SPDX-License-Identifier: GPL-3.0-or-later
// Agents of libnice on one thread of GLib: what comes from a device goes to the relay from a socket of ours,
// the inlet, and the other way round.
#include "core/relay/ice_agent.h"
#include "core/relay/udp_socket.h"

#include <glib-unix.h>
#include <nice/agent.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iterator>
#include <mutex>
#include <optional>
#include <sstream>
#include <thread>

namespace sr::relay {
namespace {

constexpr std::string_view kCandidate = "a=candidate:";
constexpr guint kPatience = 500;            // for a better pair than one that works [ms]; chosen
constexpr std::size_t kMostOctets = 65'536; // of a datagram

/// Libnice calls them by number.
enum Component : guint { kRtp = 1, kRtcp = 2 };

struct FreeText {
    void operator()(gchar* text) const { g_free(text); }
};
using Text = std::unique_ptr<gchar, FreeText>;

struct FreeCandidate {
    void operator()(NiceCandidate* candidate) const { nice_candidate_free(candidate); }
};
using Candidate = std::unique_ptr<NiceCandidate, FreeCandidate>;

struct DropSource {
    void operator()(GSource* source) const
    {
        g_source_destroy(source);
        g_source_unref(source);
    }
};
using Source = std::unique_ptr<GSource, DropSource>;

NiceAddress addressOf(const Endpoint& endpoint)
{
    NiceAddress out;
    nice_address_init(&out);
    (void)nice_address_set_from_string(&out, endpoint.address.toString().c_str());
    nice_address_set_port(&out, endpoint.port);
    return out;
}

Endpoint endpointOf(const NiceAddress& address)
{
    std::array<gchar, NICE_ADDRESS_STRING_LEN> text{};
    nice_address_to_string(&address, text.data());
    const auto parsed = IpAddress::parse(text.data());
    return {parsed.value_or(IpAddress()), static_cast<std::uint16_t>(nice_address_get_port(&address))};
}

std::vector<Candidate> localCandidates(NiceAgent* agent, guint stream, guint component)
{
    std::vector<Candidate> out;
    GSList* const all = nice_agent_get_local_candidates(agent, stream, component);
    for (GSList* one = all; one != nullptr; one = one->next)
        out.emplace_back(static_cast<NiceCandidate*>(one->data));
    g_slist_free(all);
    return out;
}

/// `foundation component UDP priority address port typ type ...`; libnice asserts on less.
bool isWhole(const std::string& value)
{
    std::istringstream words(value);
    std::vector<std::string> all(std::istream_iterator<std::string>(words), {});
    return all.size() >= 8 && g_ascii_strcasecmp(all[2].c_str(), "UDP") == 0 && all[6] == "typ";
}

using Work = std::function<void()>;

} // namespace

/// Its thread runs what it is given, in order.
class IceLoop {
public:
    IceLoop()
        : m_context(g_main_context_new())
        , m_loop(g_main_loop_new(m_context, FALSE))
        , m_thread([this] {
            g_main_context_push_thread_default(m_context);
            g_main_loop_run(m_loop);
            g_main_context_pop_thread_default(m_context);
        })
    {}
    ~IceLoop()
    {
        run([this] {
            m_isEnding = true;
            m_farewell =
                after(std::chrono::milliseconds(500), [this] { g_main_loop_quit(m_loop); }); // chosen
            quitIfEmpty();
        });
        m_thread.join();
        m_farewell.reset();
        g_main_loop_unref(m_loop);
        g_main_context_unref(m_context);
    }
    IceLoop(const IceLoop&) = delete;
    IceLoop& operator=(const IceLoop&) = delete;

    GMainContext* context() const { return m_context; }
    /// Any thread.
    void run(Work work)
    {
        GSource* const source = g_idle_source_new();
        g_source_set_priority(source, G_PRIORITY_DEFAULT);
        g_source_set_callback(source, &IceLoop::call, new Work(std::move(work)), &IceLoop::forget);
        g_source_attach(source, m_context);
        g_source_unref(source);
    }
    /// Once.
    Source after(std::chrono::milliseconds time, Work work)
    {
        GSource* const source = g_timeout_source_new(static_cast<guint>(time.count()));
        g_source_set_callback(source, &IceLoop::call, new Work(std::move(work)), &IceLoop::forget);
        g_source_attach(source, m_context);
        return Source(source);
    }
    void opened() { ++m_agents; }
    /// The loop's thread.
    void closed()
    {
        --m_agents;
        quitIfEmpty();
    }

private:
    static gboolean call(gpointer work)
    {
        (*static_cast<Work*>(work))();
        return G_SOURCE_REMOVE;
    }
    static void forget(gpointer work) { delete static_cast<Work*>(work); }
    void quitIfEmpty()
    {
        if (m_isEnding && m_agents == 0)
            g_main_loop_quit(m_loop);
    }

    GMainContext* m_context;
    GMainLoop* m_loop;
    std::atomic<int> m_agents{0};
    bool m_isEnding = false; // the loop's thread
    Source m_farewell = nullptr;
    std::thread m_thread;
};

namespace {

/// The part of an agent that both threads have; it goes with the last of what was closed.
class Core {
public:
    Core(IceLoop& loop, const IceOptions& options, const IcePlan& plan, IceEvents events)
        : m_loop(loop)
        , m_options(options)
        , m_plan(plan)
        , m_components(plan.rtcpMux ? 1 : 2)
        , m_events(std::move(events))
    {}
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core()
    {
        if (m_agent != nullptr)
            g_object_unref(m_agent);
    }

    Status open(const std::shared_ptr<Core>& self);
    /// Nothing is told any more once this has returned.
    void silence()
    {
        const std::scoped_lock lock(m_telling);
        m_events = {};
    }
    void close(const std::shared_ptr<Core>& self);
    Endpoint inlet(std::size_t way) const { return m_ways[way].inlet.local(); }
    void setRelay(const Endpoint& rtp, const Endpoint& rtcp)
    {
        const std::scoped_lock lock(m_mutex);
        m_ways[0].relay = SocketAddress::of(rtp);
        m_ways[1].relay = SocketAddress::of(rtcp);
    }
    IceFacts local() const;
    void setRemote(const IceFacts& remote, bool isOffer);
    void setPlain(Component component, const Endpoint& at);

private:
    struct Way {
        Core* core = nullptr;
        guint component = 0;
        UdpSocket inlet;
        SocketAddress relay; ///< under m_mutex; none: not known
        Source reading = nullptr;
    };
    template <typename Function>
    void connect(const char* signal, Function* function)
    {
        g_signal_connect_data(m_agent, signal, reinterpret_cast<GCallback>(function), this, nullptr,
                              static_cast<GConnectFlags>(0));
    }
    void configure();
    bool addServers();
    static void onGathered(NiceAgent*, guint, gpointer core)
    {
        static_cast<Core*>(core)->finishGathering(IceTrouble::TurnRefused);
    }
    static void onState(NiceAgent*, guint, guint component, guint state, gpointer core)
    {
        if (component == kRtp)
            static_cast<Core*>(core)->takeState(state);
    }
    static void onReceive(NiceAgent*, guint, guint component, guint size, gchar* octets, gpointer core)
    {
        static_cast<Core*>(core)->toRelay(component,
                                          {reinterpret_cast<const std::byte*>(octets), std::size_t{size}});
    }
    static gboolean onInlet(gint, GIOCondition, gpointer way)
    {
        static_cast<Way*>(way)->core->toDevice(*static_cast<Way*>(way));
        return G_SOURCE_CONTINUE;
    }
    void finishGathering(IceTrouble withoutTurn);
    void takeState(guint state);
    void toRelay(guint component, ByteView datagram);
    void toDevice(Way& way);
    bool hasRelayed() const;
    Endpoint defaultOf(guint component, const std::vector<Candidate>& candidates) const;
    template <typename Event, typename... What>
    void tell(Event IceEvents::*event, What... what)
    {
        const std::scoped_lock lock(m_telling);
        if (m_events.*event)
            (m_events.*event)(what...);
    }

    IceLoop& m_loop;
    const IceOptions m_options;
    const IcePlan m_plan;
    const guint m_components;
    NiceAgent* m_agent = nullptr; // safe from any thread
    guint m_stream = 0;
    std::array<Way, 2> m_ways;        // of RTP, of RTCP
    std::optional<IceFacts> m_remote; // control thread
    std::atomic<bool> m_isPlain{false};
    std::atomic<bool> m_isGathered{false};
    Source m_deadline = nullptr;
    mutable std::mutex m_mutex;     // short: where the relay is
    std::recursive_mutex m_telling; // a handler may be called inside what a handler calls
    IceEvents m_events;             // under m_telling
    std::array<std::byte, kMostOctets> m_datagram{};
};

Status Core::open(const std::shared_ptr<Core>& self)
{
    for (std::size_t i = 0; i < m_ways.size(); ++i) {
        auto inlet = UdpSocket::bind({m_plan.local, 0});
        if (!inlet)
            return inlet.error();
        m_ways[i].core = this;
        m_ways[i].component = static_cast<guint>(i + 1);
        m_ways[i].inlet = std::move(*inlet);
    }
    m_agent = nice_agent_new_full(m_loop.context(), NICE_COMPATIBILITY_RFC5245,
                                  NICE_AGENT_OPTION_REGULAR_NOMINATION);
    configure();
    m_stream = nice_agent_add_stream(m_agent, m_components);
    if (m_stream == 0 || !addServers())
        return fail(RelayErrc::Ice, "libnice refuses a stream");
    connect("candidate-gathering-done", &Core::onGathered);
    connect("component-state-changed", &Core::onState);
    m_loop.opened();
    m_deadline =
        m_loop.after(m_options.gathersFor, [self] { self->finishGathering(IceTrouble::TurnSilent); });
    for (guint component = 1; component <= m_components; ++component) {
        (void)nice_agent_attach_recv(m_agent, m_stream, component, m_loop.context(), &Core::onReceive, this);
        Way& way = m_ways[component - 1];
        way.reading.reset(g_unix_fd_source_new(static_cast<gint>(way.inlet.handle()), G_IO_IN));
        g_source_set_callback(way.reading.get(),
                              reinterpret_cast<GSourceFunc>(reinterpret_cast<void (*)()>(&Core::onInlet)),
                              &way, nullptr);
        g_source_attach(way.reading.get(), m_loop.context());
    }
    if (nice_agent_gather_candidates(m_agent, m_stream))
        return {};
    close(self);
    return fail(RelayErrc::Ice, "libnice finds no candidate at " + m_plan.local.toString());
}

/// Nothing but UDP, and no ports asked of routers.
void Core::configure()
{
    const gboolean controls = m_plan.role == IceRole::Controlling ? TRUE : FALSE;
    const gboolean relays = m_plan.relayedOnly ? TRUE : FALSE;
    g_object_set(m_agent, "upnp", FALSE, "ice-tcp", FALSE, "controlling-mode", controls, "idle-timeout",
                 kPatience, "force-relay", relays, nullptr);
    if (!m_options.stun.host.empty())
        g_object_set(m_agent, "stun-server", m_options.stun.host.c_str(), "stun-server-port",
                     static_cast<guint>(m_options.stun.port), nullptr);
    NiceAddress local = addressOf({m_plan.local, 0});
    (void)nice_agent_add_local_address(m_agent, &local);
}

bool Core::addServers()
{
    for (guint component = 1; component <= m_components; ++component) {
        if (m_options.firstPort != 0)
            nice_agent_set_port_range(m_agent, m_stream, component, m_options.firstPort, m_options.lastPort);
        if (m_options.turn.host.empty())
            continue;
        if (!nice_agent_set_relay_info(m_agent, m_stream, component, m_options.turn.host.c_str(),
                                       m_options.turn.port, m_options.turnUser.c_str(),
                                       m_options.turnPassword.c_str(), NICE_RELAY_TYPE_TURN_UDP))
            return false;
    }
    return true;
}

/// The thread of ICE goes on with it: a TURN server takes back what it gave.
void Core::close(const std::shared_ptr<Core>& self)
{
    silence();
    m_loop.run([self] {
        g_signal_handlers_disconnect_by_data(self->m_agent, self.get());
        self->m_deadline.reset();
        for (guint component = 1; component <= self->m_components; ++component) {
            (void)nice_agent_attach_recv(self->m_agent, self->m_stream, component, self->m_loop.context(),
                                         nullptr, nullptr);
            self->m_ways[component - 1].reading.reset();
        }
        const auto over = [](GObject*, GAsyncResult*, gpointer mine) {
            const std::unique_ptr<std::shared_ptr<Core>> last(static_cast<std::shared_ptr<Core>*>(mine));
            (*last)->m_loop.closed();
        };
        nice_agent_close_async(self->m_agent, over, new std::shared_ptr<Core>(self));
    });
}

bool Core::hasRelayed() const
{
    const auto candidates = localCandidates(m_agent, m_stream, kRtp);
    return std::ranges::any_of(candidates,
                               [](const Candidate& one) { return one->type == NICE_CANDIDATE_TYPE_RELAYED; });
}

void Core::finishGathering(IceTrouble withoutTurn)
{
    if (m_isGathered.exchange(true))
        return;
    const bool hasTurn = hasRelayed();
    if (!hasTurn && m_plan.relayedOnly)
        g_object_set(m_agent, "force-relay", FALSE, nullptr);
    if (!hasTurn && !m_options.turn.host.empty())
        tell(&IceEvents::trouble, withoutTurn);
    tell(&IceEvents::gathered);
}

void Core::takeState(guint state)
{
    if (m_isPlain)
        return;
    if (state == NICE_COMPONENT_STATE_READY)
        tell(&IceEvents::connected);
    else if (state == NICE_COMPONENT_STATE_FAILED)
        tell(&IceEvents::trouble, IceTrouble::NoWay);
}

void Core::toRelay(guint component, ByteView datagram)
{
    Way& way = m_ways[component - 1];
    SocketAddress relay;
    {
        const std::scoped_lock lock(m_mutex);
        relay = way.relay;
    }
    if (relay)
        (void)way.inlet.send(datagram, relay); // lost, as on any way
}

void Core::toDevice(Way& way)
{
    SocketAddress from;
    for (;;) {
        const std::ptrdiff_t size = way.inlet.receive(m_datagram, from);
        if (size < 0)
            return;
        Endpoint relay;
        {
            const std::scoped_lock lock(m_mutex);
            relay = way.relay.endpoint();
        }
        if (size > 0 && from.endpoint() == relay) // without a way yet it is lost
            (void)nice_agent_send(m_agent, m_stream, way.component, static_cast<guint>(size),
                                  reinterpret_cast<const gchar*>(m_datagram.data()));
    }
}

/// The selected one; before that what a device without ICE most likely reaches: the address that it reaches
/// us by in the signalling, or what TURN gave if all goes by that.
Endpoint Core::defaultOf(guint component, const std::vector<Candidate>& candidates) const
{
    NiceCandidate* ours = nullptr;
    NiceCandidate* theirs = nullptr;
    if (nice_agent_get_selected_pair(m_agent, m_stream, component, &ours, &theirs) &&
        ours->type != NICE_CANDIDATE_TYPE_PEER_REFLEXIVE)
        return endpointOf(ours->addr);
    const auto wanted = m_plan.relayedOnly ? NICE_CANDIDATE_TYPE_RELAYED : NICE_CANDIDATE_TYPE_HOST;
    for (const Candidate& one : candidates)
        if (one->type == wanted)
            return endpointOf(one->addr);
    return candidates.empty() ? Endpoint() : endpointOf(candidates.front()->addr);
}

IceFacts Core::local() const
{
    IceFacts out;
    gchar* fragment = nullptr;
    gchar* password = nullptr;
    (void)nice_agent_get_local_credentials(m_agent, m_stream, &fragment, &password);
    const Text fragmentText(fragment);
    const Text passwordText(password);
    out.userFragment = fragment == nullptr ? "" : fragment;
    out.password = password == nullptr ? "" : password;
    for (guint component = 1; component <= m_components; ++component) {
        const auto candidates = localCandidates(m_agent, m_stream, component);
        for (const Candidate& one : candidates) {
            const Text line(nice_agent_generate_local_candidate_sdp(m_agent, one.get()));
            if (line && std::string_view(line.get()).starts_with(kCandidate))
                out.candidates.emplace_back(line.get() + kCandidate.size());
        }
        (component == kRtp ? out.rtp : out.rtcp) = defaultOf(component, candidates);
    }
    if (m_components == 1)
        out.rtcp = out.rtp;
    return out;
}

void Core::setRemote(const IceFacts& remote, bool isOffer)
{
    if (m_remote == remote)
        return;
    const bool isOther =
        m_remote && (m_remote->userFragment != remote.userFragment || m_remote->password != remote.password);
    if (isOther && isOffer)
        (void)nice_agent_restart_stream(m_agent, m_stream);
    m_remote = remote;
    if (remote.isLite)
        g_object_set(m_agent, "controlling-mode", TRUE, nullptr);
    (void)nice_agent_set_remote_credentials(m_agent, m_stream, remote.userFragment.c_str(),
                                            remote.password.c_str());
    for (guint component = 1; component <= m_components; ++component) {
        std::vector<Candidate> all;
        GSList* list = nullptr;
        for (const std::string& value : remote.candidates) {
            if (!isWhole(value))
                continue;
            const std::string line = std::string(kCandidate) + value;
            Candidate one(nice_agent_parse_remote_candidate_sdp(m_agent, m_stream, line.c_str()));
            if (!one || one->component_id != component)
                continue;
            list = g_slist_prepend(list, one.get());
            all.push_back(std::move(one));
        }
        if (list != nullptr)
            (void)nice_agent_set_remote_candidates(m_agent, m_stream, component, list);
        g_slist_free(list);
    }
}

void Core::setPlain(Component component, const Endpoint& at)
{
    if (component > m_components || at.port == 0 || at.address.isUnspecified())
        return;
    m_isPlain = true;
    const Candidate device(nice_candidate_new(NICE_CANDIDATE_TYPE_HOST));
    device->stream_id = m_stream;
    device->component_id = component;
    device->transport = NICE_CANDIDATE_TRANSPORT_UDP;
    device->addr = device->base_addr = addressOf(at);
    (void)nice_agent_set_selected_remote_candidate(m_agent, m_stream, component, device.get());
}

class NiceIceAgent final : public IceAgent {
public:
    explicit NiceIceAgent(std::shared_ptr<Core> core)
        : m_core(std::move(core))
    {}
    ~NiceIceAgent() override { m_core->close(m_core); }
    NiceIceAgent(const NiceIceAgent&) = delete;
    NiceIceAgent& operator=(const NiceIceAgent&) = delete;

    Endpoint rtpInlet() const override { return m_core->inlet(0); }
    Endpoint rtcpInlet() const override { return m_core->inlet(1); }
    void setRelay(const Endpoint& rtp, const Endpoint& rtcp) override { m_core->setRelay(rtp, rtcp); }
    IceFacts local() const override { return m_core->local(); }
    void setRemote(const IceFacts& remote, bool isOffer) override { m_core->setRemote(remote, isOffer); }
    void setPlain(const Endpoint& rtp, const Endpoint& rtcp) override
    {
        m_core->setPlain(kRtp, rtp);
        m_core->setPlain(kRtcp, rtcp);
    }

private:
    std::shared_ptr<Core> m_core;
};

} // namespace

bool IceThread::isAvailable()
{
    return true;
}

IceThread::IceThread(IceOptions options)
    : m_options(std::move(options))
{}

IceThread::~IceThread() = default;

Result<std::unique_ptr<IceAgent>> IceThread::open(const IcePlan& plan, IceEvents events)
{
    if (!m_loop)
        m_loop = std::make_unique<IceLoop>();
    auto core = std::make_shared<Core>(*m_loop, m_options, plan, std::move(events));
    if (const Status opened = core->open(core); !opened)
        return opened.error();
    return std::unique_ptr<IceAgent>(new NiceIceAgent(std::move(core)));
}

} // namespace sr::relay
