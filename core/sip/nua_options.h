// SPDX-License-Identifier: GPL-3.0-or-later
// An OPTIONS of ours outside of any call, on one of Sofia's handles. Internal to core/sip.
#pragma once

#include "core/sip/keep_alive.h"
#include "core/sip/nua_owner.h"

namespace sr::sip {

class NuaOptions final : public PendingOptions, public NuaOwner {
public:
    using Answered = std::function<void(const OptionsReply& reply)>;
    /// `own`: how we are named in From. `listener`: that of the agent. Null: the host is none.
    static std::unique_ptr<NuaOptions> send(nua_t* agent, const std::string& host, const std::string& own,
                                            Transport transport, std::size_t listener, Answered answered);
    ~NuaOptions() override;
    NuaOptions(const NuaOptions&) = delete;
    NuaOptions& operator=(const NuaOptions&) = delete;

    std::string trouble() const override;
    void onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags) override;

private:
    NuaOptions(nua_t* agent, nua_handle_t* handle, const std::string& host, Transport transport,
               std::size_t listener, Answered answered);

    nua_t* m_agent;
    nua_handle_t* m_handle;
    Transport m_transport;
    std::size_t m_listener;
    Answered m_answered;
    std::string m_first;            ///< host to whom it is sent
    std::uint64_t m_troublesBefore; ///< that this thread had with TLS
};

} // namespace sr::sip
