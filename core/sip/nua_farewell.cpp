// SPDX-License-Identifier: GPL-3.0-or-later
// Who waits for the answer belongs to the control thread; what is still waiting when that ends goes with it.
#include "core/sip/nua_farewell.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip.h>

#include <map>

namespace sr::sip {
namespace {

constexpr unsigned kCancelSeconds = 32; ///< 64 T1: then nobody answers any more (RFC 3261 9.1)

class Farewell final : public NuaOwner {
public:
    Farewell(nua_handle_t* handle, std::unique_ptr<DigestTicket> ticket)
        : m_handle(handle)
        , m_ticket(std::move(ticket))
    {
        nua_handle_bind(handle, magicOf(this));
        nua_bye(handle, TAG_END());
    }
    void onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags) override;

private:
    nua_handle_t* m_handle;
    std::unique_ptr<DigestTicket> m_ticket; ///< Sofia looks at it when it comes to it
    bool m_isShown = false;
};

class CallOff final : public NuaOwner {
public:
    CallOff(nua_handle_t* handle, std::unique_ptr<DigestTicket> ticket)
        : m_handle(handle)
        , m_ticket(std::move(ticket))
    {
        nua_handle_bind(handle, magicOf(this));
        nua_cancel(handle, TAG_END());
    }
    void onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags) override;
    bool isInVain() { return ++m_seconds > kCancelSeconds; }

private:
    nua_handle_t* m_handle;
    std::unique_ptr<DigestTicket> m_ticket;
    unsigned m_seconds = 0;
};

thread_local std::map<nua_handle_t*, std::unique_ptr<Farewell>> t_farewells;
thread_local std::map<nua_handle_t*, std::unique_ptr<CallOff>> t_callOffs;

bool isTerminated(nua_event_t event, tagi_t* tags)
{
    int state = nua_callstate_init;
    if (event == nua_i_state)
        tl_gets(tags, NUTAG_CALLSTATE_REF(state), TAG_END());
    return state == nua_callstate_terminated;
}

void letGo(nua_handle_t* handle)
{
    nua_handle_bind(handle, nullptr);
    nua_handle_destroy(handle);
}

void Farewell::onEvent(nua_event_t event, int status, const sip_t* /*sip*/, tagi_t* tags)
{
    if (event == nua_r_bye && (status == 401 || status == 407) && m_ticket && !m_isShown) {
        m_isShown = true;
        nua_authenticate(m_handle, NUTAG_AUTH(m_ticket->text().c_str()), TAG_END());
        return;
    }
    if ((event != nua_r_bye || status < 200) && !isTerminated(event, tags))
        return;
    letGo(m_handle);
    t_farewells.erase(m_handle);
}

/// Sofia answers a further challenge by itself, cancelled or not.
bool isSentAnew(nua_event_t event, int status, const sip_t* sip)
{
    return event == nua_r_invite && status == 100 && sip != nullptr && sip->sip_status != nullptr &&
           sip->sip_status->st_status >= 300;
}

void CallOff::onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags)
{
    if (isSentAnew(event, status, sip))
        return nua_cancel(m_handle, TAG_END());
    const bool isFinal = event == nua_r_invite && status >= 200; // of a challenge Sofia says no end
    if (!isFinal && !isTerminated(event, tags))
        return;
    if (isFinal && status < 300) {
        nua_ack(m_handle, TAG_END());
        sayGoodBye(m_handle, std::move(m_ticket));
    } else {
        letGo(m_handle);
    }
    t_callOffs.erase(m_handle);
}

} // namespace

void sayGoodBye(nua_handle_t* handle, std::unique_ptr<DigestTicket> ticket)
{
    t_farewells.emplace(handle, std::make_unique<Farewell>(handle, std::move(ticket)));
}

void callOff(nua_handle_t* handle, std::unique_ptr<DigestTicket> ticket)
{
    t_callOffs.emplace(handle, std::make_unique<CallOff>(handle, std::move(ticket)));
}

void countCallOffs()
{
    std::erase_if(t_callOffs, [](const auto& one) {
        const bool ends = one.second->isInVain();
        if (ends)
            letGo(one.first);
        return ends;
    });
}

void forgetCallOffs()
{
    for (const auto& [handle, owner] : t_callOffs)
        letGo(handle);
    t_callOffs.clear();
}

} // namespace sr::sip
