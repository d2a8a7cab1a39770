// SPDX-License-Identifier: GPL-3.0-or-later
// A REGISTER of ours on one of Sofia's handles, without what Sofia makes of registrations: it refreshes on
// its own and knows MD5 only. Internal to core/sip.
#pragma once

#include "core/sip/nua_owner.h"
#include "core/sip/registration.h"

namespace sr::sip {

class NuaRegister final : public PendingRegister, public NuaOwner {
public:
    using Answered = std::function<void(const RegisterReply& reply)>;
    /// `contact`: the host and port of ours that the registrar's calls shall come to, with the transport of
    /// the request. `listener`: that of
    /// the agent. Null: a URI is none.
    static std::unique_ptr<NuaRegister> send(nua_t* agent, const OutgoingRegister& request,
                                             const Endpoint& contact, std::size_t listener,
                                             Answered answered);
    ~NuaRegister() override;
    NuaRegister(const NuaRegister&) = delete;
    NuaRegister& operator=(const NuaRegister&) = delete;

    std::string trouble() const override;
    void onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags) override;

private:
    NuaRegister(nua_t* agent, nua_handle_t* handle, const OutgoingRegister& request, std::size_t listener,
                Answered answered);

    nua_t* m_agent;
    nua_handle_t* m_handle;
    std::string m_contactUser;
    Transport m_transport;
    std::size_t m_listener;
    Answered m_answered;
    std::string m_first;            ///< host to whom it is sent
    std::uint64_t m_troublesBefore; ///< that this thread had with TLS
};

} // namespace sr::sip
