// SPDX-License-Identifier: GPL-3.0-or-later
// What passes between a call and a device, with the agent's part in it.
#include "core/pbx/ice_session.h"

#include "core/sdp/full_ice.h"
#include "core/sdp/session_description.h"

namespace sr::pbx {
namespace {

constexpr int kUnavailable = 480;

sdp::Media audioOrNone(const std::string& text)
{
    return sdp::audioOf(text).value_or(sdp::Media());
}

Endpoint nextPort(const Endpoint& rtp)
{
    return {rtp.address, static_cast<std::uint16_t>(rtp.port + 1)};
}

std::string serverText(const relay::IceOptions::Server& server)
{
    return server.host + ":" + std::to_string(server.port);
}

std::string wordsOn(relay::IceTrouble trouble, const relay::IceOptions& options, const std::string& who)
{
    const std::string turn = "Alarm: the TURN server " + serverText(options.turn);
    switch (trouble) {
    case relay::IceTrouble::TurnRefused:
        return turn + " gave no address for a call with " + who +
               ". Are ice.turnUser and ice.turnPassword right?";
    case relay::IceTrouble::TurnSilent:
        return turn + " did not answer in time for a call with " + who + ".";
    case relay::IceTrouble::NoWay:
        return "Alarm: ICE has found no way for the media of a call with " + who + ".";
    }
    return {};
}

} // namespace

IceSession::IceSession(const IceParts& parts, Plan plan)
    : m_parts(parts)
    , m_plan(std::move(plan))
    , m_self(std::make_shared<IceSession*>(this))
{}

IceSession::~IceSession()
{
    *m_self = nullptr;
}

void IceSession::call(sip::Dialer& network, sip::OutgoingInvite invite, sip::SessionEvents& events)
{
    m_events = &events;
    m_weOffer = !invite.sdp.empty();
    openAgent(m_weOffer ? relay::IceRole::Controlling : relay::IceRole::Controlled, false);
    perform([this, &network, invite = std::move(invite)]() mutable {
        invite.sdp = toDevice(invite.sdp, Role::Offer);
        m_inner = network.invite(invite, *this);
        if (m_inner == nullptr)
            m_events->onReply({kUnavailable, {}});
    });
}

std::string IceSession::take(std::unique_ptr<sip::Session> session, const std::string& sdp)
{
    m_inner = std::move(session);
    m_inner->setEvents(*this);
    m_weOffer = sdp.empty();
    const sdp::Media audio = audioOrNone(sdp);
    const bool isControlled = audio.ice && !audio.ice->lite;
    if (sdp.empty() || audio.ice)
        openAgent(isControlled ? relay::IceRole::Controlled : relay::IceRole::Controlling, audio.rtcpMux);
    return fromDevice(sdp, Role::Offer);
}

void IceSession::openAgent(relay::IceRole role, bool rtcpMux)
{
    const bool wanted = m_plan.use == sip::IceUse::Full || m_plan.use == sip::IceUse::Relay;
    if (!wanted || m_parts.thread == nullptr)
        return;
    const auto later = [post = m_parts.post, self = m_self](auto what) {
        post([self, what] {
            if (*self != nullptr)
                what(**self);
        });
    };
    relay::IceEvents events;
    events.gathered = [later] { later([](IceSession& session) { session.onGathered(); }); };
    events.trouble = [later](relay::IceTrouble trouble) {
        later([trouble](IceSession& session) { session.onTrouble(trouble); });
    };
    auto agent = m_parts.thread->open({m_plan.local, role, m_plan.use == sip::IceUse::Relay, rtcpMux},
                                      std::move(events));
    if (agent) {
        m_agent = std::move(*agent);
        m_isGathered = false;
    } else if (m_parts.say) {
        m_parts.say("Alarm: a call with " + m_plan.who +
                    " goes on without full ICE: " + agent.error().text());
    }
}

void IceSession::onGathered()
{
    m_isGathered = true;
    const auto self = m_self;
    for (const Work& work : std::exchange(m_waiting, {})) {
        work();
        if (*self == nullptr)
            return;
    }
}

void IceSession::onTrouble(relay::IceTrouble trouble)
{
    if (m_parts.say)
        m_parts.say(wordsOn(trouble, m_parts.thread->options(), m_plan.who));
}

void IceSession::perform(Work work)
{
    if (m_isGathered)
        work();
    else
        m_waiting.push_back(std::move(work));
}

/// An address of nowhere stays one: it says that the device is on hold (RFC 2543).
std::string IceSession::fromDevice(const std::string& sdp, Role role)
{
    if (sdp.empty())
        return sdp;
    const sdp::Media audio = audioOrNone(sdp);
    if (!m_agent || audio.rtp.port == 0 || audio.nowhere)
        return m_plan.use == sip::IceUse::Off || m_agent ? sdp::withoutIce(sdp) : sdp;
    if (audio.ice) {
        m_agent->setRemote({audio.ice->login.userFragment,
                            audio.ice->login.password,
                            sdp::candidateValues(sdp),
                            audio.rtp,
                            {},
                            audio.ice->lite},
                           role == Role::Offer);
    } else {
        m_isPlain = true;
        m_agent->setPlain(audio.rtp, {audio.rtp.address, audio.rtcpPort});
    }
    return sdp::movedTo(sdp, {m_agent->rtpInlet(), m_agent->rtcpInlet()});
}

std::string IceSession::toDevice(const std::string& sdp, Role role)
{
    if (sdp.empty())
        return sdp;
    const sdp::Media audio = audioOrNone(sdp);
    if (!m_agent || audio.rtp.port == 0)
        return m_plan.use == sip::IceUse::Off ? sdp::withoutIce(sdp) : sdp;
    if (m_isInvited)
        m_nextRelay = audio.rtp;
    else
        m_agent->setRelay(audio.rtp, nextPort(audio.rtp));
    const relay::IceFacts ours = m_agent->local();
    if (m_isPlain || ours.candidates.empty())
        return sdp::movedTo(sdp, {ours.rtp, ours.rtcp});
    return sdp::withIce(sdp, {ours.rtp, ours.rtcp}, {ours.userFragment, ours.password}, ours.candidates,
                        role == Role::Offer);
}

void IceSession::respond(int status, const std::string& sdp)
{
    const bool saysNothingOfUs = status < 200 && sdp.empty() && m_waiting.empty();
    if (saysNothingOfUs || status >= 300) // who refuses may be gone before our addresses are known
        return m_inner->respond(status, sdp);
    perform([this, status, sdp] {
        m_inner->respond(status, toDevice(sdp, m_weOffer ? Role::Offer : Role::Answer));
    });
}

void IceSession::challenge(const std::vector<std::string>& challenges)
{
    m_inner->challenge(challenges);
}

void IceSession::acknowledge(const std::string& sdp)
{
    perform([this, sdp] { m_inner->acknowledge(toDevice(sdp, Role::Answer)); });
}

void IceSession::offer(const std::string& sdp)
{
    perform([this, sdp] {
        m_weOffer = !sdp.empty();
        m_isInvited = true;
        m_inner->offer(toDevice(sdp, Role::Offer));
    });
}

void IceSession::info(const std::string& contentType, const std::string& body)
{
    perform([this, contentType, body] { m_inner->info(contentType, body); });
}

void IceSession::referred(int status)
{
    perform([this, status] { m_inner->referred(status); });
}

bool IceSession::isDialog(const sip::DialogId& dialog) const
{
    return m_inner != nullptr && m_inner->isDialog(dialog);
}

void IceSession::probe()
{
    perform([this] { m_inner->probe(); });
}

/// The relay that a re-INVITE names is the device's from its answer on; if it refuses, the former one stays.
void IceSession::onReply(const sip::Reply& reply)
{
    if (reply.status >= 200) {
        const auto next = std::exchange(m_nextRelay, {});
        if (reply.status < 300 && next)
            m_agent->setRelay(*next, nextPort(*next));
        m_isInvited = false;
    }
    m_events->onReply(
        {reply.status, fromDevice(reply.sdp, m_weOffer ? Role::Answer : Role::Offer), reply.contact});
}

void IceSession::onOffer(const std::string& sdp)
{
    m_weOffer = sdp.empty();
    m_events->onOffer(fromDevice(sdp, Role::Offer));
}

void IceSession::onAck(const std::string& sdp)
{
    m_events->onAck(fromDevice(sdp, Role::Answer));
}

void IceSession::onInfo(const std::string& contentType, const std::string& body)
{
    m_events->onInfo(contentType, body);
}

void IceSession::onRecordKey(bool on)
{
    m_events->onRecordKey(on);
}

void IceSession::onRefer(const sip::ReferRequest& request)
{
    m_events->onRefer(request);
}

void IceSession::onEnded(sip::Ending ending)
{
    m_events->onEnded(ending);
}

} // namespace sr::pbx
