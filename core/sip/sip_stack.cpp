// SPDX-License-Identifier: GPL-3.0-or-later
// One thread with Sofia's event loop; one user agent per listener, all with the same handler.
#include "core/sip/sip_stack.h"

#include "core/sip/device_ways.h"
#include "core/sip/door.h"
#include "core/sip/event_loop.h"
#include "core/sip/free_port.h"
#include "core/sip/from_sofia.h"
#include "core/sip/gathered_datagrams.h"
#include "core/sip/host_text.h"
#include "core/sip/name_address.h"
#include "core/sip/nua_agent.h"
#include "core/sip/nua_answer.h"
#include "core/sip/nua_digest.h"
#include "core/sip/nua_farewell.h"
#include "core/sip/nua_late_trying.h"
#include "core/sip/nua_message.h"
#include "core/sip/nua_options.h"
#include "core/sip/nua_register.h"
#include "core/sip/nua_session.h"
#include "core/sip/nua_subscription.h"
#include "core/sip/own_addresses.h"
#include "core/sip/own_socket.h"
#include "core/sip/session_body.h"
#include "core/sip/sip_error.h"
#include "core/sip/socket_address.h"
#include "core/sip/sofia_openssl.h"
#include "core/sip/tls_names.h"
#include "core/sip/tls_sessions.h"
#include "core/sip/tls_trouble.h"

#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport_tag.h>

#include <future>
#include <map>
#include <mutex>
#include <thread>

namespace sr::sip {
namespace {

constexpr unsigned kTickMs = 1000;
constexpr unsigned kConnectionSeconds = 15; ///< between two looks at who is connected
constexpr unsigned kLeaveTickMs = 20;
constexpr unsigned kMostLeaveTicks = 5000 / kLeaveTickMs;
constexpr unsigned kChain = 10;  ///< certificates at most between a server and its authority; chosen
constexpr unsigned kAnswers = 3; ///< to challenges of one request: a proxy, a server, a stale nonce

/// Sofia counts its users and has a log of its own on standard error.
void initSofia()
{
    static std::once_flag once;
    std::call_once(once, [] {
        su_init();
        su_log_set_level(su_log_default, 0);
        installDigest();
        catchSofiaLog();
        catchTlsLog();
        freeTlsSessions();
        comeBetweenSofiaAndOpenssl();
    });
}

/// A name is looked up by Sofia later; the way to most of the world is then the best guess (RFC 5737).
Endpoint somewhere()
{
    return {IpAddress::v4(0xc6336401), 5060};
}

} // namespace

struct SipStack::Impl {
    struct Listener {
        Impl* stack = nullptr;
        std::unique_ptr<Door> door{}; ///< outlives the agent's messages
        nua_t* agent = nullptr;
        std::size_t number = 0;
        Endpoint address{}; ///< with its real port
        bool isTls = false;
    };

    bool serve(Listener& listener, const std::string& url, const tagi_t* more);
    Status listen(const Endpoint& wanted);
    Status listenTls(const Endpoint& wanted, const std::string& folder);
    Status open(const StackOptions& options);
    void close();
    void run(const StackOptions& options, std::promise<Status>& started);
    void closeUnwanted() const;
    void beginToLeave();
    void beginToEnd();

    static void onEvent(nua_event_t event, int status, const char* phrase, nua_t* agent, nua_magic_t* magic,
                        nua_handle_t* handle, nua_hmagic_t* owner, const sip_t* sip, tagi_t tags[]);
    static void complete(Source& source, const Listener& at);
    static void onTick(su_root_magic_t* magic, su_timer_t* timer, su_timer_arg_t* arg);
    static void onLeaveTick(su_root_magic_t* magic, su_timer_t* timer, su_timer_arg_t* arg);
    RegisterAnswer registered(const RegisterRequest& request);
    void answerRegister(const Listener& at, nua_handle_t* handle, const sip_t& sip);
    void takeInvite(const Listener& at, nua_handle_t* handle, const sip_t& sip);
    IpAddress addressTowards(const Source& device);
    std::string contactTowards(const Source& device);
    std::string serverAt(const Source& source) const;
    void noteServer(const Source& source, const std::string& host);
    std::optional<std::size_t> listenerFor(Transport transport, const std::string& host) const;
    void takeSubscribe(const Listener& at, nua_handle_t* handle, const sip_t& sip);
    void takeMessage(const Listener& at, nua_handle_t* handle, const sip_t& sip);
    void answerPublish(const Listener& at, nua_handle_t* handle, const sip_t& sip);

    RequestHandler* handler = nullptr;
    su_root_t* root = nullptr;
    std::optional<EventLoop> loop;
    su_timer_t* ticks = nullptr;
    su_timer_t* leaveTicks = nullptr;
    unsigned leaveTicksSeen = 0;
    unsigned seconds = 0;
    std::vector<std::unique_ptr<Listener>> agents;
    NuaSessions sessions;
    LateTrying trying{sessions};
    DeviceWays ways;
    OwnAddresses ownAddresses{localAddressTowards};
    std::map<Source, std::string> tlsServers; ///< `host` or `host:port` of who has answered us
    std::vector<Endpoint> listeners;
    std::vector<Endpoint> tlsListeners;
    std::string product;
    NuaOutgoingMessages messages;
    MessageTap tapToBe;
    std::size_t ended = 0; ///< of the agents
    std::thread thread;
};

bool SipStack::Impl::serve(Listener& listener, const std::string& url, const tagi_t* more)
{
    nua_t* const agent =
        createAgent({root, onEvent, &listener, url, product, listener.door->messageClass(), more});
    if (agent == nullptr)
        return false;
    listener.agent = agent;
    listener.door->onTrying([agent](const char* callId) {
        if (nua_handle_t* const handle = nua_handle_by_call_id(agent, callId); handle != nullptr) {
            if (nua_hmagic_t* const magic = nua_handle_magic(handle); magic != nullptr)
                NuaOwner::of(magic)->onTrying();
            nua_handle_unref(handle);
        }
    });
    return true;
}

Status SipStack::Impl::listen(const Endpoint& wanted)
{
    Endpoint chosen = wanted;
    if (chosen.port == 0)
        chosen.port = freePort(wanted, Transport::Udp);
    auto listener = std::make_unique<Listener>(
        Listener{this, std::make_unique<Door>(*handler), nullptr, agents.size(), chosen, false});
    if (chosen.port == 0 || !serve(*listener, "sip:" + chosen.toString(), nullptr))
        return fail(SipErrc::Listen, wanted.toString() + ", for UDP and TCP");
    listener->door->answerFrom(chosen, abilities(product),
                               [this, &at = *listener](RegisterRequest&& request) {
                                   complete(request.source, at);
                                   return registered(request);
                               });
    if (mayGather(ownUdpSocket(chosen)))
        loop->letSleep();
    agents.push_back(std::move(listener));
    listeners.push_back(chosen);
    return {};
}

Status SipStack::Impl::listenTls(const Endpoint& wanted, const std::string& folder)
{
    Endpoint chosen = wanted;
    if (chosen.port == 0)
        chosen.port = freePort(wanted, Transport::Tls);
    // Any other version than 0 means TLS 1.0 alone to Sofia. 0 takes the best of both sides, and OpenSSL's
    // security level none below 1.2. Clients are known by their password, not by a certificate; whom we
    // connect to must have one for the name that it is called by (RFC 5922 7.1, without wildcards).
    const tagi_t tls[] = {{NUTAG_CERTIFICATE_DIR(folder.c_str())},
                          {TPTAG_TLS_VERSION(0)},
                          {TPTAG_TLS_VERIFY_POLICY(TPTLS_VERIFY_SUBJECTS_OUT)},
                          {TPTAG_TLS_VERIFY_DEPTH(kChain)},
                          {TAG_END()}};
    auto listener = std::make_unique<Listener>(
        Listener{this, std::make_unique<Door>(*handler), nullptr, agents.size(), chosen, true});
    if (chosen.port == 0 || !serve(*listener, "sips:" + chosen.toString() + ";transport=tls", tls))
        return fail(SipErrc::Listen, wanted.toString() + ", for TLS");
    agents.push_back(std::move(listener));
    tlsListeners.push_back(chosen);
    return {};
}

Status SipStack::Impl::open(const StackOptions& options)
{
    product = options.product;
    root = su_root_create(this);
    if (root == nullptr)
        return fail(SipErrc::Listen, "no event loop");
    su_root_threading(root, 0); // the agents live on this thread too
    loop.emplace(root);
    for (const Endpoint& wanted : options.listen)
        if (auto done = listen(wanted); !done)
            return done;
    for (const Endpoint& wanted : options.listenTls)
        if (auto done = listenTls(wanted, options.tlsFolder); !done)
            return done;
    ticks = su_timer_create(su_root_task(root), kTickMs);
    if (ticks == nullptr || su_timer_set_for_ever(ticks, onTick, this) != 0 || !trying.start(root))
        return fail(SipErrc::Listen, "no timer");
    return {};
}

void SipStack::Impl::onTick(su_root_magic_t* /*magic*/, su_timer_t* /*timer*/, su_timer_arg_t* arg)
{
    Impl& stack = *static_cast<Impl*>(arg);
    const std::vector<NuaSession*> now(stack.sessions.begin(), stack.sessions.end());
    for (NuaSession* session : now)
        if (stack.sessions.contains(session)) // one may end others
            session->onSecond();
    countCallOffs();
    if (++stack.seconds % kConnectionSeconds == 0)
        stack.closeUnwanted();
    stack.ownAddresses.forget();
    stack.handler->onSecond();
}

void SipStack::Impl::closeUnwanted() const
{
    std::vector<Endpoint> all = listeners;
    all.insert(all.end(), tlsListeners.begin(), tlsListeners.end());
    if (const auto connections = ownConnections(all))
        for (const int socket : handler->unwanted(*connections))
            endConnection(socket);
}

IpAddress SipStack::Impl::addressTowards(const Source& device)
{
    const IpAddress bound =
        device.listener < agents.size() ? agents[device.listener]->address.address : IpAddress{};
    return bound.isUnspecified() ? ownAddresses.towards(device.address) : bound;
}

/// Sofia writes `sips:` where it listens for TLS. That demands TLS of every hop (RFC 3261 26.2.2), which
/// nobody has asked for, and many phones that speak TLS do not know it.
std::string SipStack::Impl::contactTowards(const Source& device)
{
    if (device.transport != Transport::Tls)
        return {};
    const Endpoint here{addressTowards(device), agents[device.listener]->address.port};
    return "<sip:" + here.toString() + ";transport=tls>";
}

/// A connection that we have opened is found again by the name that its certificate is for.
std::string SipStack::Impl::serverAt(const Source& source) const
{
    const auto found = tlsServers.find(source);
    return found != tlsServers.end() ? found->second : std::string();
}

void SipStack::Impl::noteServer(const Source& source, const std::string& host)
{
    if (source.transport == Transport::Tls && source.address.port != 0)
        tlsServers[source] = host;
}

void SipStack::Impl::close()
{
    su_timer_destroy(ticks);
    su_timer_destroy(leaveTicks);
    trying.stop();
    for (const auto& listener : agents)
        nua_destroy(listener->agent);
    if (root != nullptr)
        su_root_destroy(root);
    root = nullptr;
    agents.clear(); // what still lay in the loop is gone, and needs no door
    freeLastTlsSession();
    freeLastCertificateNames();
}

void SipStack::Impl::run(const StackOptions& options, std::promise<Status>& started)
{
    const Status opened = open(options);
    const bool good = static_cast<bool>(opened);
    started.set_value(opened);
    if (!good)
        beginToEnd();
    if (good || !agents.empty()) // what has opened must end in the loop
        loop->run();
    endGathering();
    close();
}

void SipStack::Impl::beginToLeave()
{
    leaveTicks = handler->leave() ? nullptr : su_timer_create(su_root_task(root), kLeaveTickMs);
    if (leaveTicks == nullptr || su_timer_set_for_ever(leaveTicks, onLeaveTick, this) != 0)
        beginToEnd();
}

void SipStack::Impl::onLeaveTick(su_root_magic_t* /*magic*/, su_timer_t* timer, su_timer_arg_t* arg)
{
    Impl& stack = *static_cast<Impl*>(arg);
    if (!stack.handler->leave() && ++stack.leaveTicksSeen < kMostLeaveTicks)
        return;
    su_timer_reset(timer);
    stack.beginToEnd();
}

/// Agents end what they have under way, then say so.
void SipStack::Impl::beginToEnd()
{
    if (loop) // else there was no root
        loop->beginToEnd();
    handler->onStopping();
    messages.dropAll();
    forgetCallOffs();
    for (const auto& listener : agents)
        nua_shutdown(listener->agent);
}

/// The message knows only that it came by a stream.
void SipStack::Impl::complete(Source& source, const Listener& at)
{
    source.listener = at.number;
    if (at.isTls)
        source.transport = Transport::Tls;
}

void SipStack::Impl::takeInvite(const Listener& at, nua_handle_t* handle, const sip_t& sip)
{
    if (const int refusal = bodyRefusal(sip); refusal != 0) {
        nua_respond(handle, refusal, sip_status_phrase(refusal), SIPTAG_ACCEPT_STR(kSdpType),
                    SIPTAG_ACCEPT_ENCODING_STR("identity"), TAG_END());
        return nua_handle_destroy(handle);
    }
    if (!isReplacesGood(sip)) {
        nua_respond(handle, SIP_400_BAD_REQUEST, TAG_END());
        return nua_handle_destroy(handle);
    }
    InviteRequest request = inviteRequestOf(sip, nua_current_request(at.agent));
    request.source.listener = at.number;
    if (at.isTls)
        request.source.transport = Transport::Tls;
    const bool isSips = sip.sip_request->rq_url->url_type == url_sips;
    auto session = std::make_unique<NuaSession>(
        sessions, at.agent, handle, NuaSession::Direction::Incoming,
        NuaSession::Place{request.source, isSips ? std::string() : contactTowards(request.source),
                          serverAt(request.source)});
    if (sip.sip_record_route == nullptr) // else a proxy says itself where it wants requests
        session->setWay(request.source);
    trying.expect(session.get());
    handler->onInvite(std::move(session), request);
}

void SipStack::Impl::takeSubscribe(const Listener& at, nua_handle_t* handle, const sip_t& sip)
{
    SubscribeRequest request = subscribeRequestOf(sip, nua_current_request(at.agent));
    complete(request.source, at);
    handler->onSubscribe(std::make_unique<NuaSubscription>(at.agent, handle, request.source), request);
}

void SipStack::Impl::takeMessage(const Listener& at, nua_handle_t* handle, const sip_t& sip)
{
    MessageRequest request = messageRequestOf(sip, nua_current_request(at.agent));
    complete(request.source, at);
    handler->onMessage(std::make_unique<NuaIncomingMessage>(at.agent, handle), request);
}

void SipStack::Impl::answerPublish(const Listener& at, nua_handle_t* handle, const sip_t& sip)
{
    PublishRequest request = publishRequestOf(sip, nua_current_request(at.agent));
    complete(request.source, at);
    const PublishAnswer answer = handler->onPublish(request);
    nua_saved_event_t saved[1];
    if (!nua_save_event(at.agent, saved))
        return;
    if (answer.status >= 300)
        return respondTo(handle, saved, answer, "application/pidf+xml");
    const std::string expires = std::to_string(answer.expires);
    nua_respond(handle, answer.status, answer.reason, NUTAG_WITH_SAVED(saved),
                SIPTAG_ETAG_STR(answer.etag.c_str()), SIPTAG_EXPIRES_STR(expires.c_str()), TAG_END());
    nua_destroy_event(saved);
}

RegisterAnswer SipStack::Impl::registered(const RegisterRequest& request)
{
    if (loop->isEnding())
        return {503, sip_503_Service_unavailable};
    RegisterAnswer answer = handler->onRegister(request);
    if (answer.status == 200)
        for (const DeviceWays::Move& move : ways.learn(request, answer.contacts))
            for (NuaSession* session : sessions)
                session->onMoved(move.from, move.to);
    return answer;
}

void SipStack::Impl::answerRegister(const Listener& at, nua_handle_t* handle, const sip_t& sip)
{
    RegisterRequest request = registerRequestOf(sip, nua_current_request(at.agent));
    complete(request.source, at);
    const RegisterAnswer answer = registered(request);
    const std::string contacts = contactText(answer.contacts);
    const std::string minExpires = answer.minExpires ? std::to_string(*answer.minExpires) : std::string();
    const std::string retryAfter = answer.retryAfter ? std::to_string(*answer.retryAfter) : std::string();
    const auto challenge = [&](std::size_t i) {
        return i < answer.challenges.size() ? answer.challenges[i].c_str() : nullptr;
    };
    nua_respond(handle, answer.status, answer.reason, NUTAG_WITH_THIS(at.agent),
                TAG_IF(!contacts.empty(), SIPTAG_CONTACT_STR(contacts.c_str())),
                TAG_IF(!minExpires.empty(), SIPTAG_MIN_EXPIRES_STR(minExpires.c_str())),
                TAG_IF(!retryAfter.empty(), SIPTAG_RETRY_AFTER_STR(retryAfter.c_str())),
                TAG_IF(challenge(0) != nullptr, SIPTAG_WWW_AUTHENTICATE_STR(challenge(0))),
                TAG_IF(challenge(1) != nullptr, SIPTAG_WWW_AUTHENTICATE_STR(challenge(1))), TAG_END());
}

void SipStack::Impl::onEvent(nua_event_t event, int status, const char* /*phrase*/, nua_t* /*agent*/,
                             nua_magic_t* magic, nua_handle_t* handle, nua_hmagic_t* owner, const sip_t* sip,
                             tagi_t* tags)
{
    const Listener& at = *static_cast<Listener*>(magic);
    Impl& stack = *at.stack;
    if (event == nua_r_set_params) { // of trace()
        if (auto tap = std::exchange(stack.tapToBe, {}))
            setMessageTap(std::move(tap));
        return;
    }
    if (event == nua_r_shutdown) {
        if (status >= 200 && ++stack.ended == stack.agents.size())
            stack.loop->end();
        return;
    }
    if (owner != nullptr) {
        if (event == nua_i_invite)
            stack.trying.expect(NuaOwner::of(owner));
        return NuaOwner::of(owner)->onEvent(event, status, sip, tags);
    }
    if (event == nua_i_invite && sip != nullptr)
        return stack.takeInvite(at, handle, *sip);
    if (event == nua_i_subscribe && sip != nullptr && status < 200)
        return stack.takeSubscribe(at, handle, *sip);
    if (event == nua_i_message && sip != nullptr && status < 200)
        return stack.takeMessage(at, handle, *sip);
    if (event == nua_i_publish && sip != nullptr && status < 200)
        stack.answerPublish(at, handle, *sip);
    if (event == nua_i_register && sip != nullptr)
        stack.answerRegister(at, handle, *sip);
    if (handle != nullptr && event != nua_i_error)
        nua_handle_destroy(handle); // it was made for this request alone
}

SipStack::SipStack(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{}

Result<std::unique_ptr<SipStack>> SipStack::start(const StackOptions& options, RequestHandler& handler)
{
    initSofia();
    auto impl = std::make_unique<Impl>();
    impl->handler = &handler;
    std::promise<Status> started;
    impl->thread = std::thread([&impl = *impl, &options, &started] { impl.run(options, started); });
    const Status opened = started.get_future().get();
    if (!opened) {
        impl->thread.join();
        return opened.error();
    }
    return std::unique_ptr<SipStack>(new SipStack(std::move(impl)));
}

SipStack::~SipStack()
{
    post([impl = m_impl.get()] { impl->beginToLeave(); });
    m_impl->thread.join();
}

void SipStack::post(std::function<void()> work)
{
    m_impl->loop->post(std::move(work));
}

void SipStack::trace(MessageTap tap)
{
    post([impl = m_impl.get(), tap = std::move(tap)]() mutable {
        const int on = tap ? 1 : 0;
        setMessageTap({});
        impl->tapToBe = std::move(tap); // as soon as Sofia tells of messages
        for (const auto& listener : impl->agents)
            nua_set_params(listener->agent, TPTAG_LOG(on), TAG_END());
    });
}

std::unique_ptr<Session> SipStack::invite(const OutgoingInvite& invite, SessionEvents& events)
{
    if (invite.way.listener >= m_impl->agents.size())
        return nullptr;
    nua_t* const agent = m_impl->agents[invite.way.listener]->agent;
    const std::string from = addressText(invite.from);
    const std::string to = addressText(invite.to);
    // Call control follows devices. An answer to a challenge counts as a retry; of the others none is wanted.
    const bool isKnown = invite.account != nullptr;
    nua_handle_t* const handle =
        nua_handle(agent, nullptr, NUTAG_URL(invite.uri.c_str()), SIPTAG_FROM_STR(from.c_str()),
                   SIPTAG_TO_STR(to.c_str()), TAG_IF(isKnown, NUTAG_RETRY_COUNT(kAnswers)), NUTAG_AUTO302(0),
                   NUTAG_AUTO305(0), TAG_IF(isKnown, NUTAG_MAX_RETRY_AFTER(0)), TAG_END());
    if (handle == nullptr)
        return nullptr;
    const bool isSips = invite.uri.starts_with("sips:");
    auto session = std::make_unique<NuaSession>(
        m_impl->sessions, agent, handle, NuaSession::Direction::Outgoing,
        NuaSession::Place{invite.way, isSips ? std::string() : m_impl->contactTowards(invite.way),
                          invite.server});
    session->setEvents(events);
    if (isKnown)
        session->setAccount(invite.account);
    session->invite(invite);
    return session;
}

/// Of the transport, and of the family of `host` where that is an address.
std::optional<std::size_t> SipStack::Impl::listenerFor(Transport transport, const std::string& host) const
{
    const auto there = endpointIn(host, transport);
    for (const auto& listener : agents)
        if (listener->isTls == (transport == Transport::Tls) &&
            (!there || there->address.isV4() == listener->address.address.isV4()))
            return listener->number;
    return std::nullopt;
}

std::unique_ptr<PendingRegister>
SipStack::sendRegister(const OutgoingRegister& request,
                       std::function<void(const RegisterReply& reply)> answered)
{
    const std::string& first = request.proxy.empty() ? request.registrar : request.proxy;
    const auto listener = m_impl->listenerFor(request.transport, first);
    if (!listener)
        return nullptr;
    const Endpoint there = endpointIn(first, request.transport).value_or(somewhere());
    const SipStack::Impl::Listener& at = *m_impl->agents[*listener];
    const Endpoint contact{addressTowards({there, request.transport, *listener}), at.address.port};
    const auto note = [this, first, answered = std::move(answered)](const RegisterReply& reply) {
        m_impl->noteServer(reply.peer, first);
        answered(reply);
    };
    return NuaRegister::send(at.agent, request, contact, at.number, note);
}

std::optional<Source> SipStack::wayTo(const std::string& host, Transport transport) const
{
    const auto there = endpointIn(host, transport);
    const auto listener = m_impl->listenerFor(transport, host);
    return there && listener ? std::optional(Source{*there, transport, *listener}) : std::nullopt;
}

std::unique_ptr<PendingOptions> SipStack::sendOptions(const std::string& host, Transport transport,
                                                      std::function<void(const OptionsReply& reply)> answered)
{
    const auto listener = m_impl->listenerFor(transport, host);
    if (!listener)
        return nullptr;
    const SipStack::Impl::Listener& at = *m_impl->agents[*listener];
    const Endpoint there = endpointIn(host, transport).value_or(somewhere());
    const Endpoint own{addressTowards({there, transport, *listener}), at.address.port};
    const auto note = [this, host, answered = std::move(answered)](const OptionsReply& reply) {
        m_impl->noteServer(reply.peer, host);
        answered(reply);
    };
    return NuaOptions::send(at.agent, host, own.toString(), transport, at.number, note);
}

bool SipStack::message(const OutgoingMessage& message, std::function<void(int)> done)
{
    return message.way.listener < m_impl->agents.size() &&
           m_impl->messages.send(m_impl->agents[message.way.listener]->agent, message, std::move(done));
}

IpAddress SipStack::addressTowards(const Source& device) const
{
    return m_impl->addressTowards(device);
}

const std::vector<Endpoint>& SipStack::listeners() const
{
    return m_impl->listeners;
}

const std::vector<Endpoint>& SipStack::tlsListeners() const
{
    return m_impl->tlsListeners;
}

} // namespace sr::sip
