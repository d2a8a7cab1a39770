// SPDX-License-Identifier: GPL-3.0-or-later
// Each OPTIONS has a handle of its own, since one that was challenged waits for credentials.
#include "core/sip/nua_options.h"

#include "core/sip/from_sofia.h"
#include "core/sip/name_address.h"
#include "core/sip/tls_trouble.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>

namespace sr::sip {

NuaOptions::NuaOptions(nua_t* agent, nua_handle_t* handle, const std::string& host, Transport transport,
                       std::size_t listener, Answered answered)
    : m_agent(agent)
    , m_handle(handle)
    , m_transport(transport)
    , m_listener(listener)
    , m_answered(std::move(answered))
    , m_first(host)
    , m_troublesBefore(tlsTroubles())
{
    nua_handle_bind(handle, magicOf(this));
}

NuaOptions::~NuaOptions()
{
    nua_handle_bind(m_handle, nullptr);
    nua_handle_destroy(m_handle);
}

std::unique_ptr<NuaOptions> NuaOptions::send(nua_t* agent, const std::string& host, const std::string& own,
                                             Transport transport, std::size_t listener, Answered answered)
{
    const std::string uri = "sip:" + host;
    const std::string way = uri + ";transport=" + std::string(transportName(transport));
    const std::string from = "<sip:" + own + ">";
    const std::string to = "<" + uri + ">";
    nua_handle_t* const handle =
        nua_handle(agent, nullptr, NUTAG_URL(uri.c_str()), SIPTAG_FROM_STR(from.c_str()),
                   SIPTAG_TO_STR(to.c_str()), NUTAG_MAX_RETRY_AFTER(0), TAG_END());
    if (handle == nullptr)
        return nullptr;
    std::unique_ptr<NuaOptions> pending(
        new NuaOptions(agent, handle, host, transport, listener, std::move(answered)));
    nua_options(handle, NUTAG_PROXY(way.c_str()), TAG_END());
    return pending;
}

std::string NuaOptions::trouble() const
{
    return m_transport == Transport::Tls ? tlsTroubleAt(m_first, m_troublesBefore) : std::string();
}

void NuaOptions::onEvent(nua_event_t event, int status, const sip_t* /*sip*/, tagi_t* /*tags*/)
{
    if (event != nua_r_options || status < 200 || !m_answered)
        return;
    OptionsReply reply;
    reply.status = status < 700 ? status : 503; // above: what Sofia says of itself
    reply.peer = sourceOf(nua_current_request(m_agent));
    reply.peer.transport = m_transport;
    reply.peer.listener = m_listener;
    const Answered answered = std::move(m_answered); // it may end this object
    m_answered = nullptr;
    answered(reply);
}

} // namespace sr::sip
