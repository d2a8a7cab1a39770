// SPDX-License-Identifier: GPL-3.0-or-later
// Each REGISTER has a handle of its own: one whose request was challenged waits for credentials and takes no
// other.
#include "core/sip/nua_register.h"

#include "core/sip/from_sofia.h"
#include "core/sip/name_address.h"
#include "core/sip/tls_trouble.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>

namespace sr::sip {
namespace {

std::string contactText(const OutgoingRegister& request, const Endpoint& contact)
{
    std::string text = addressText({{}, request.contactUser, contact.toString()});
    text.pop_back();
    return text + ";transport=" + std::string(transportName(request.transport)) + ">";
}

} // namespace

NuaRegister::NuaRegister(nua_t* agent, nua_handle_t* handle, const OutgoingRegister& request,
                         std::size_t listener, Answered answered)
    : m_agent(agent)
    , m_handle(handle)
    , m_contactUser(request.contactUser)
    , m_transport(request.transport)
    , m_listener(listener)
    , m_answered(std::move(answered))
    , m_first(request.proxy.empty() ? request.registrar : request.proxy)
    , m_troublesBefore(tlsTroubles())
{
    nua_handle_bind(handle, magicOf(this));
}

NuaRegister::~NuaRegister()
{
    nua_handle_bind(m_handle, nullptr);
    nua_handle_destroy(m_handle);
}

std::unique_ptr<NuaRegister> NuaRegister::send(nua_t* agent, const OutgoingRegister& request,
                                               const Endpoint& contact, std::size_t listener,
                                               Answered answered)
{
    const std::string uri = "sip:" + request.registrar;
    const std::string way = "sip:" + (request.proxy.empty() ? request.registrar : request.proxy) +
                            ";transport=" + std::string(transportName(request.transport));
    const std::string aor = addressText(request.aor);
    const std::string from = aor + ";tag=" + request.fromTag;
    nua_handle_t* const handle = nua_handle(
        agent, nullptr, NUTAG_URL(uri.c_str()), SIPTAG_FROM_STR(from.c_str()), SIPTAG_TO_STR(aor.c_str()),
        SIPTAG_CALL_ID_STR(request.callId.c_str()), NUTAG_MAX_RETRY_AFTER(0), TAG_END());
    if (handle == nullptr)
        return nullptr;
    std::unique_ptr<NuaRegister> pending(
        new NuaRegister(agent, handle, request, listener, std::move(answered)));
    const std::string ours = contactText(request, contact);
    const std::string expires = std::to_string(request.expires);
    const std::string cseq = std::to_string(request.cseq) + " REGISTER";
    const bool isKnown = !request.authorization.empty();
    const bool isKnownToProxy = !request.proxyAuthorization.empty();
    nua_method(handle, NUTAG_PROXY(way.c_str()), NUTAG_METHOD("REGISTER"), SIPTAG_CSEQ_STR(cseq.c_str()),
               SIPTAG_CONTACT_STR(ours.c_str()), SIPTAG_EXPIRES_STR(expires.c_str()),
               TAG_IF(isKnown, SIPTAG_AUTHORIZATION_STR(request.authorization.c_str())),
               TAG_IF(isKnownToProxy, SIPTAG_PROXY_AUTHORIZATION_STR(request.proxyAuthorization.c_str())),
               TAG_END());
    return pending;
}

std::string NuaRegister::trouble() const
{
    return m_transport == Transport::Tls ? tlsTroubleAt(m_first, m_troublesBefore) : std::string();
}

void NuaRegister::onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* /*tags*/)
{
    if (event != nua_r_method || status < 200 || !m_answered)
        return;
    RegisterReply reply;
    if (sip != nullptr)
        reply = registerReplyOf(*sip, nua_current_request(m_agent), m_contactUser);
    reply.status = status < 700 ? status : 503; // above: what Sofia says of itself
    reply.peer.transport = m_transport;
    reply.peer.listener = m_listener;
    const Answered answered = std::move(m_answered); // it may end this object
    m_answered = nullptr;
    answered(reply);
}

} // namespace sr::sip
