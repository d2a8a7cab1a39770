// SPDX-License-Identifier: GPL-3.0-or-later
// Commands become signals to Sofia's agent on the same thread; its events come back through the loop.
#include "core/sip/nua_session.h"

#include "core/crypto/digest.h"
#include "core/sip/from_sofia.h"
#include "core/sip/host_text.h"
#include "core/sip/name_address.h"
#include "core/sip/nua_farewell.h"
#include "core/sip/session_body.h"

#include <sofia-sip/nta.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

namespace sr::sip {
namespace {

/// How long a connection, or a provider, may bring no answer at all to an INVITE. RFC 3261 17.2.1 asks for
/// one within 200 ms; the rest is for a telephone that has to wake up (chosen).
constexpr unsigned kSilence = 5;         ///< [s]
constexpr unsigned kMostRetryAfter = 10; ///< RFC 3311 5.2 [s]
constexpr int kUnavailable = 480;
constexpr int kTimeout = 408;

/// A literal, as nua_respond() needs it.
const char* phraseOf(int status)
{
    const char* phrase = sip_status_phrase(status);
    return phrase != nullptr ? phrase : "Refused";
}

/// What became of the sending Sofia tells by answers of its own.
bool isFromDevice(const sip_t* sip)
{
    return sip != nullptr && nta_sip_is_internal(sip) == 0;
}

/// A header line (RFC 5806); empty: nobody has diverted the call.
std::string diversionHeader(const OutgoingInvite& invite)
{
    std::string line;
    for (const Diversion& one : invite.diversions)
        line += (line.empty() ? "Diversion: " : ", ") + addressText({{}, one.number, invite.from.host}) +
                ";reason=" + one.reason;
    return line;
}

/// A TCP phone that closes its connection between calls, as it may (RFC 3261 18), is called at its Contact,
/// if that names the machine which the connection came from. Behind NAT nobody listens there.
std::optional<Source> listensAt(const OutgoingInvite& invite)
{
    if (invite.way.transport != Transport::Tcp)
        return std::nullopt;
    const std::optional<Endpoint> there = endpointOfUri(invite.uri);
    if (!there || there->address != invite.way.address.address || there->port == invite.way.address.port)
        return std::nullopt;
    Source way = invite.way;
    way.address = *there;
    return way;
}

} // namespace

NuaSession::NuaSession(NuaSessions& all, nua_t* agent, nua_handle_t* handle, Direction direction, Place place)
    : m_all(all)
    , m_agent(agent)
    , m_handle(handle)
    , m_direction(direction)
    , m_place(std::move(place))
{
    m_all.insert(this);
    nua_handle_bind(handle, magicOf(this));
}

/// Destroying the handle sends BYE.
NuaSession::~NuaSession()
{
    m_all.erase(this);
    if (m_direction == Direction::Incoming && !m_established && !m_over)
        respond(500, {});
    for (auto* saved : {&m_update, &m_refer})
        if (*saved)
            nua_destroy_event(&**saved);
    if (m_direction == Direction::Outgoing && !m_established && !m_over)
        callOff(m_handle, std::move(m_ticket));
    else if (m_ticket && m_established && !m_over)
        sayGoodBye(m_handle, std::move(m_ticket));
    else {
        nua_handle_bind(m_handle, nullptr);
        nua_handle_destroy(m_handle);
    }
}

/// What Sofia calls a proxy is where all that it sends goes first. An open connection there is used; its own
/// choice, the dialog's Contact, would open another one. It hears of it with what is sent next: a word about
/// that alone would cost as much as a message.
void NuaSession::setWay(const Source& way)
{
    m_place.way = way;
    const bool isByName = way.transport == Transport::Tls && !m_place.server.empty();
    m_untold = isByName ? "sip:" + m_place.server + ";transport=tls" : wayText(way);
}

void NuaSession::invite(const OutgoingInvite& invite)
{
    setWay(m_place.way);
    const auto send = [this, sdp = invite.sdp, guid = "Conf-ID: " + invite.conferenceGuid,
                       withGuid = !invite.conferenceGuid.empty(), identity = identityHeaders(invite),
                       diversion = diversionHeader(invite)] {
        const bool withSdp = !sdp.empty();
        const bool withContact = !m_place.contact.empty();
        const std::string way = std::exchange(m_untold, {});
        nua_invite(m_handle, TAG_IF(!way.empty(), NUTAG_PROXY(way.c_str())),
                   TAG_IF(withContact, SIPTAG_CONTACT_STR(m_place.contact.c_str())),
                   TAG_IF(withSdp, SIPTAG_CONTENT_TYPE_STR(kSdpType)),
                   TAG_IF(withSdp, SIPTAG_PAYLOAD_STR(sdp.c_str())),
                   TAG_IF(withGuid, SIPTAG_HEADER_STR(guid.c_str())),
                   TAG_IF(!identity.empty(), SIPTAG_HEADER_STR(identity.c_str())),
                   TAG_IF(!diversion.empty(), SIPTAG_HEADER_STR(diversion.c_str())), TAG_END());
    };
    send();
    if (const std::optional<Source> elsewhere = listensAt(invite))
        m_tryElsewhere = [this, send, way = *elsewhere] {
            m_silentSeconds = 0;
            setWay(way);
            send();
        };
}

void NuaSession::onMoved(const Source& from, const Source& to)
{
    if (m_place.way != from)
        return;
    setWay(to);
    const std::string way = std::exchange(m_untold, {}); // a BYE of Sofia's own goes there as well
    nua_set_hparams(m_handle, NUTAG_PROXY(way.c_str()), TAG_END());
}

void NuaSession::onSecond()
{
    const bool isSoonKnown = isByConnection() || isServer();
    const bool waits = m_direction == Direction::Outgoing && isSoonKnown && !m_heard && !m_over;
    if (waits && ++m_silentSeconds >= kSilence)
        giveUp();
}

/// The connection is gone, or nobody is at its other end.
void NuaSession::giveUp()
{
    m_over = true;
    if (m_events != nullptr)
        m_events->onReply({isServer() ? kTimeout : kUnavailable, {}});
}

void NuaSession::respond(int status, const std::string& sdp)
{
    const bool withSdp = !sdp.empty();
    const bool withContact = status < 300 && !m_place.contact.empty();
    const bool toUpdate = m_update.has_value();
    if (!toUpdate) {
        m_isAsked = false;
        noteAnswer(status, withSdp);
    }
    const std::string way = std::exchange(m_untold, {});
    nua_respond(m_handle, status, phraseOf(status), TAG_IF(!way.empty(), NUTAG_PROXY(way.c_str())),
                TAG_IF(toUpdate, NUTAG_WITH_SAVED(toUpdate ? &*m_update : nullptr)),
                TAG_IF(withContact, SIPTAG_CONTACT_STR(m_place.contact.c_str())),
                TAG_IF(withSdp, SIPTAG_CONTENT_TYPE_STR(kSdpType)),
                TAG_IF(withSdp, SIPTAG_PAYLOAD_STR(sdp.c_str())), TAG_END());
    if (toUpdate && status >= 200) {
        nua_destroy_event(&*m_update);
        m_update.reset();
    }
}

/// An answer to the first INVITE, by whichever end; to those that follow it says nothing new.
void NuaSession::noteAnswer(int status, bool withSdp)
{
    if (m_established)
        return;
    m_described = m_described || withSdp;
    if (status >= 200)
        (status < 300 ? m_established : m_over) = true;
}

void NuaSession::sayTrying()
{
    if (std::exchange(m_isAsked, false) && !m_over)
        nua_respond(m_handle, 100, phraseOf(100), TAG_END());
}

void NuaSession::challenge(const std::vector<std::string>& challenges)
{
    const auto text = [&](std::size_t i) { return i < challenges.size() ? challenges[i].c_str() : nullptr; };
    m_over = true;
    nua_respond(m_handle, 401, phraseOf(401),
                TAG_IF(text(0) != nullptr, SIPTAG_WWW_AUTHENTICATE_STR(text(0))),
                TAG_IF(text(1) != nullptr, SIPTAG_WWW_AUTHENTICATE_STR(text(1))), TAG_END());
}

void NuaSession::acknowledge(const std::string& sdp)
{
    const bool withSdp = !sdp.empty();
    nua_ack(m_handle, TAG_IF(withSdp, SIPTAG_CONTENT_TYPE_STR(kSdpType)),
            TAG_IF(withSdp, SIPTAG_PAYLOAD_STR(sdp.c_str())), TAG_END());
}

void NuaSession::offer(const std::string& sdp)
{
    const bool withSdp = !sdp.empty();
    nua_invite(m_handle, TAG_IF(withSdp, SIPTAG_CONTENT_TYPE_STR(kSdpType)),
               TAG_IF(withSdp, SIPTAG_PAYLOAD_STR(sdp.c_str())), TAG_END());
}

void NuaSession::info(const std::string& contentType, const std::string& body)
{
    nua_info(m_handle, SIPTAG_CONTENT_TYPE_STR(contentType.c_str()), SIPTAG_PAYLOAD_STR(body.c_str()),
             TAG_END());
}

void NuaSession::probe()
{
    nua_options(m_handle, TAG_END());
}

void NuaSession::end(Ending ending)
{
    if (std::exchange(m_over, true) || m_events == nullptr)
        return;
    m_events->onEnded(ending);
}

void NuaSession::onInvite(const sip_t& sip)
{
    if (m_update) { // one offer at a time (RFC 3311 5.2); respond() means the one under way
        m_isAsked = false;
        nua_respond(m_handle, 491, phraseOf(491), NUTAG_WITH_THIS(m_agent), TAG_END());
    } else if (m_events != nullptr)
        m_events->onOffer(sdpOf(sip));
}

/// Whoever may try again hears when (RFC 3311 5.2).
void NuaSession::refuseUpdate(int status)
{
    const auto seconds = std::to_integer<unsigned>(crypto::randomArray<1>()[0]) % (kMostRetryAfter + 1);
    nua_respond(m_handle, status, phraseOf(status), NUTAG_WITH_THIS(m_agent),
                TAG_IF(status == 500, SIPTAG_RETRY_AFTER_STR(std::to_string(seconds).c_str())), TAG_END());
}

/// Before the call is answered the other side cannot be asked, for it need not know UPDATE; so an offer then
/// is refused by what is open: that of the device, ours, or neither (RFC 3311 5.2).
int NuaSession::earlyRefusal() const
{
    if (m_described)
        return 504;
    return m_direction == Direction::Incoming ? 500 : 491;
}

void NuaSession::onUpdate(const sip_t& sip)
{
    const std::string sdp = sdpOf(sip);
    if (!m_established && !sdp.empty())
        return refuseUpdate(earlyRefusal());
    nua_saved_event_t saved[1];
    if (m_update || !nua_save_event(m_agent, saved))
        return refuseUpdate(500);
    m_update = saved[0];
    if (sdp.empty() || m_events == nullptr)
        respond(200, {}); // it refreshes the session (RFC 4028)
    else
        m_events->onOffer(sdp);
}

void NuaSession::onRefer(const sip_t& sip, tagi_t* tags)
{
    const sip_event_t* event = nullptr;
    tl_gets(tags, NUTAG_REFER_EVENT_REF(event), TAG_END());
    nua_saved_event_t saved[1];
    if (m_refer || m_events == nullptr || event == nullptr || !nua_save_event(m_agent, saved))
        return;
    m_refer = saved[0];
    m_askedEvent = event->o_type;
    if (event->o_id != nullptr)
        m_askedEvent.append(";id=").append(event->o_id);
    m_events->onRefer(referRequestOf(sip));
}

void NuaSession::referred(int status)
{
    if (m_refer) {
        nua_respond(m_handle, status, phraseOf(status), NUTAG_WITH_SAVED(&*m_refer), TAG_END());
        nua_destroy_event(&*m_refer);
        m_refer.reset();
        if (status >= 300) // an earlier one may still be told of
            return;
        m_referEvent = m_askedEvent;
        status = 100;
    }
    if (m_referEvent.empty())
        return;
    const std::string line = "SIP/2.0 " + std::to_string(status) + " " + phraseOf(status) + "\r\n";
    nua_notify(m_handle, SIPTAG_EVENT_STR(m_referEvent.c_str()),
               SIPTAG_CONTENT_TYPE_STR("message/sipfrag;version=2.0"), SIPTAG_PAYLOAD_STR(line.c_str()),
               NUTAG_SUBSTATE(status < 200 ? nua_substate_active : nua_substate_terminated), TAG_END());
    if (status >= 200)
        m_referEvent.clear();
}

/// Requests that came name our tag in To, answers to ours in From.
void NuaSession::learnDialog(nua_event_t event, const sip_t& sip)
{
    if (sip.sip_call_id == nullptr || sip.sip_from == nullptr || sip.sip_to == nullptr)
        return;
    const char* const from = sip.sip_from->a_tag;
    const char* const to = sip.sip_to->a_tag;
    if (from == nullptr || to == nullptr)
        return;
    const bool came = event < nua_r_set_params;
    m_dialog = {sip.sip_call_id->i_id, came ? to : from, came ? from : to};
}

void NuaSession::onReply(int status, const sip_t* sip)
{
    if (m_events == nullptr || m_over || status < 100)
        return;
    m_heard = m_heard || m_established || isFromDevice(sip); // a later INVITE finds nobody elsewhere
    if (!m_heard && status >= 300 && m_tryElsewhere)
        return std::exchange(m_tryElsewhere, {})();
    if (!m_heard && status >= 300 && isByConnection())
        return giveUp();
    const Reply reply = replyOf(status, sip);
    noteAnswer(status, !reply.sdp.empty());
    m_events->onReply(reply);
}

/// The first challenge of a server or proxy waits for our account; later ones Sofia answers by it, and what
/// it gives up on waits again.
bool NuaSession::answersChallenge(int status)
{
    if (!m_ticket || (status != 401 && status != 407) || m_challenged == status)
        return false;
    m_challenged = status;
    m_silentSeconds = 0;
    nua_authenticate(m_handle, NUTAG_AUTH(m_ticket->text().c_str()), TAG_END());
    return true;
}

void NuaSession::onInfo(const sip_t& sip)
{
    if (m_events == nullptr)
        return;
    if (const auto on = recordKeyOf(sip))
        m_events->onRecordKey(*on);
    else
        m_events->onInfo(contentTypeOf(sip), bodyOf(sip));
}

void NuaSession::onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags)
{
    if (sip != nullptr && (event == nua_i_ack || event == nua_r_invite || event == nua_i_refer))
        learnDialog(event, *sip);
    if (event > nua_r_set_params && answersChallenge(status))
        return;
    switch (event) {
    case nua_i_invite:
        return sip != nullptr ? onInvite(*sip) : void();
    case nua_i_update:
        return sip != nullptr ? onUpdate(*sip) : void();
    case nua_r_invite:
        return onReply(status, sip);
    case nua_i_ack:
        if (sip != nullptr && status < 300 && m_events != nullptr)
            m_events->onAck(sdpOf(*sip));
        return;
    case nua_i_info:
        return sip != nullptr ? onInfo(*sip) : void();
    case nua_i_message: // a dialog is a call and nothing else (RFC 6665 4.5)
    case nua_i_subscribe:
        if (status < 200)
            nua_respond(m_handle, 403, phraseOf(403), NUTAG_WITH_THIS(m_agent), TAG_END());
        return;
    case nua_i_refer:
        return sip != nullptr ? onRefer(*sip, tags) : void();
    case nua_i_bye:
        return end(Ending::Bye);
    case nua_i_cancel:                                          // Sofia has answered 487
        return m_established ? void() : end(Ending::Cancelled); // a later INVITE is not the call
    case nua_r_options:
        return status == 408 || status == 481 || (status == 503 && !isFromDevice(sip)) ? end(Ending::Lost)
                                                                                       : void();
    case nua_i_state: {
        int state = nua_callstate_init;
        tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
        return state == nua_callstate_terminated ? end(Ending::Lost) : void();
    }
    default:
        return;
    }
}

} // namespace sr::sip
