// SPDX-License-Identifier: GPL-3.0-or-later
// Which of Sofia's events mean that a subscription is over.
#include "core/sip/nua_subscription.h"

#include "core/sip/name_address.h"
#include "core/sip/nua_answer.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>

namespace sr::sip {
namespace {

enum nua_substate substateIn(tagi_t* tags)
{
    int state = nua_substate_active;
    tl_gets(tags, NUTAG_SUBSTATE_REF(state), TAG_END());
    return static_cast<enum nua_substate>(state);
}

} // namespace

NuaSubscription::NuaSubscription(nua_t* agent, nua_handle_t* handle, const Source& way)
    : m_handle(handle)
{
    nua_handle_bind(handle, magicOf(this));
    nua_save_event(agent, m_request);
    nua_set_hparams(handle, NUTAG_PROXY(wayText(way).c_str()), TAG_END());
}

/// Destroying the handle ends what Sofia still has of it.
NuaSubscription::~NuaSubscription()
{
    if (m_state == State::Asked)
        refuse({.status = 500, .reason = "Server Internal Error"});
    else if (m_state == State::Active)
        terminate("noresource");
    nua_handle_bind(m_handle, nullptr);
    nua_handle_destroy(m_handle);
}

void NuaSubscription::refuse(const Refusal& refusal)
{
    if (m_state != State::Asked)
        return;
    m_state = State::Over;
    respondTo(m_handle, m_request, refusal, nullptr);
}

void NuaSubscription::accept(std::chrono::seconds expires)
{
    if (m_state != State::Asked)
        return;
    m_state = State::Active;
    m_unsubscribed = expires.count() == 0;
    const std::string text = std::to_string(expires.count());
    nua_respond(m_handle, 200, "OK", NUTAG_WITH_SAVED(m_request), SIPTAG_EXPIRES_STR(text.c_str()),
                TAG_END());
    nua_destroy_event(m_request);
}

/// Sofia adds Event as it was subscribed, and Subscription-State with the seconds that are left.
void NuaSubscription::notify(const std::string& contentType, const std::string& body)
{
    if (m_state == State::Active)
        nua_notify(m_handle, SIPTAG_CONTENT_TYPE_STR(contentType.c_str()), SIPTAG_PAYLOAD_STR(body.c_str()),
                   NUTAG_SUBSTATE(nua_substate_active), TAG_END());
}

void NuaSubscription::terminate(const char* reason)
{
    if (m_state != State::Active)
        return;
    m_state = State::Over;
    const std::string state = std::string("terminated;reason=") + reason;
    nua_notify(m_handle, SIPTAG_SUBSCRIPTION_STATE_STR(state.c_str()), TAG_END());
}

/// RFC 6665 4.2.2: after a refusal, or none answer at all, nobody is there to be told more.
void NuaSubscription::onNotified(int status, tagi_t* tags)
{
    if (status < 200 || m_state != State::Active || m_events == nullptr)
        return;
    const bool failed = status >= 300;
    if (!failed && substateIn(tags) != nua_substate_terminated)
        return m_events->onNotified();
    m_state = State::Over;
    m_events->onEnded(failed           ? SubscriptionEnd::Lost
                      : m_unsubscribed ? SubscriptionEnd::Unsubscribed
                                       : SubscriptionEnd::Expired);
}

void NuaSubscription::onEvent(nua_event_t event, int status, const sip_t* /*sip*/, tagi_t* tags)
{
    if (event == nua_r_notify)
        onNotified(status, tags);
    else if (event == nua_i_subscribe) // a refresh, which Sofia has answered
        m_unsubscribed = substateIn(tags) == nua_substate_terminated;
}

} // namespace sr::sip
