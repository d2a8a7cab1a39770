// SPDX-License-Identifier: GPL-3.0-or-later
// A subscription on one of Sofia's handles. Internal to core/sip.
//
//   SUBSCRIBE -> accept(), notify() -> active -> Expires: 0, time, a NOTIFY that fails, terminate() -> over
//
// Sofia keeps the dialog and the time, and copies the last NOTIFY when the device refreshes.
#pragma once

#include "core/sip/nua_owner.h"
#include "core/sip/subscription.h"

namespace sr::sip {

class NuaSubscription final : public Subscription, private NuaOwner {
public:
    /// In the event of the SUBSCRIBE. Takes the handle over. `way`: where NOTIFYs go, whatever Contact says.
    NuaSubscription(nua_t* agent, nua_handle_t* handle, const Source& way);
    ~NuaSubscription() override;

    void setEvents(SubscriptionEvents& events) override { m_events = &events; }
    void refuse(const Refusal& refusal) override;
    void accept(std::chrono::seconds expires) override;
    void notify(const std::string& contentType, const std::string& body) override;
    void terminate(const char* reason) override;

private:
    enum class State : std::uint8_t { Asked, Active, Over };
    void onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags) override;
    void onNotified(int status, tagi_t* tags);

    nua_handle_t* m_handle;
    SubscriptionEvents* m_events = nullptr;
    nua_saved_event_t m_request[1]; ///< of the SUBSCRIBE while Asked
    State m_state = State::Asked;
    bool m_unsubscribed = false;
};

} // namespace sr::sip
