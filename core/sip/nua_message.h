// SPDX-License-Identifier: GPL-3.0-or-later
// MESSAGE on Sofia's handles, to us and from us. Internal to core/sip.
#pragma once

#include "core/sip/nua_owner.h"
#include "core/sip/subscription.h"

#include <unordered_map>

namespace sr::sip {

class NuaIncomingMessage final : public IncomingMessage, private NuaOwner {
public:
    /// In the event of the MESSAGE. Takes the handle over.
    NuaIncomingMessage(nua_t* agent, nua_handle_t* handle);
    ~NuaIncomingMessage() override;
    void answer(const Refusal& answer) override;

private:
    void onEvent(nua_event_t, int, const sip_t*, tagi_t*) override {}

    nua_handle_t* m_handle;
    nua_saved_event_t m_request[1]; ///< until it is answered
    bool m_answered = false;
};

/// Those that are under way.
class NuaOutgoingMessages {
public:
    NuaOutgoingMessages();
    ~NuaOutgoingMessages();
    NuaOutgoingMessages(const NuaOutgoingMessages&) = delete;
    NuaOutgoingMessages& operator=(const NuaOutgoingMessages&) = delete;
    /// False: the URI is none.
    bool send(nua_t* agent, const OutgoingMessage& message, std::function<void(int)> done);
    void dropAll(); ///< nobody hears of them any more

private:
    class One;
    std::unordered_map<const One*, std::unique_ptr<One>> m_messages;
};

} // namespace sr::sip
