// SPDX-License-Identifier: GPL-3.0-or-later
// A session on one of Sofia's handles. Internal to core/sip.
#pragma once

#include "core/sip/nua_digest.h"
#include "core/sip/nua_owner.h"
#include "core/sip/session.h"

#include <functional>
#include <optional>
#include <unordered_set>

namespace sr::sip {

class NuaSession;
using NuaSessions = std::unordered_set<NuaSession*>;

class NuaSession final : public Session, public NuaOwner {
public:
    enum class Direction : std::uint8_t { Incoming, Outgoing };
    struct Place {
        Source way;          ///< to the device, for every request in the dialog
        std::string contact; ///< of ours, with its angle brackets; empty: as Sofia makes it
        std::string server;  ///< as OutgoingInvite has it
    };
    /// Takes the handle over, and is one of `all` until it ends.
    NuaSession(NuaSessions& all, nua_t* agent, nua_handle_t* handle, Direction direction, Place place);
    ~NuaSession() override;

    /// Answers for this account whoever asks, in the first request and in those that follow in the dialog.
    void setAccount(std::shared_ptr<const DigestAccount> account)
    {
        m_ticket = std::make_unique<DigestTicket>(std::move(account));
    }
    void setEvents(SessionEvents& events) override { m_events = &events; }
    void respond(int status, const std::string& sdp) override;
    void challenge(const std::vector<std::string>& challenges) override;
    void acknowledge(const std::string& sdp) override;
    void offer(const std::string& sdp) override;
    void info(const std::string& contentType, const std::string& body) override;
    void referred(int status) override;
    bool isDialog(const DialogId& dialog) const override { return dialog == m_dialog; }
    void probe() override;

    /// Sends the INVITE.
    void invite(const OutgoingInvite& invite);
    /// The device is reached by `way` from now on, whatever its Contact says.
    void setWay(const Source& way);
    /// A device that was to be reached by `from` is now reached by `to`.
    void onMoved(const Source& from, const Source& to);
    /// The session may be gone afterwards.
    void onSecond();
    void beAsked() { m_isAsked = true; } ///< an INVITE of the device has come
    void sayTrying();                    ///< if that has no answer at all yet
    /// Whatever Sofia says of the handle. The session may be gone afterwards.
    void onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags) override;
    void onTrying() override { m_heard = true; } ///< a connection is alive if it brings at least that

private:
    bool answersChallenge(int status);
    void onInvite(const sip_t& sip);
    void onUpdate(const sip_t& sip);
    void refuseUpdate(int status);
    int earlyRefusal() const;
    void onReply(int status, const sip_t* sip);
    void noteAnswer(int status, bool withSdp);
    void onInfo(const sip_t& sip);
    void onRefer(const sip_t& sip, tagi_t* tags);
    void learnDialog(nua_event_t event, const sip_t& sip);
    void end(Ending ending);
    void giveUp();
    /// Whether it answers soon, if it does.
    bool isServer() const { return !m_place.server.empty() || m_ticket != nullptr; }
    bool isByConnection() const { return m_place.way.transport != Transport::Udp; }

    NuaSessions& m_all;
    nua_t* m_agent;
    nua_handle_t* m_handle;
    Direction m_direction;
    Place m_place;
    std::string m_untold;                 ///< the way, until Sofia has heard of it
    std::function<void()> m_tryElsewhere; ///< of a device that has said nothing yet
    unsigned m_silentSeconds = 0;
    bool m_heard = false; ///< the device has answered something
    bool m_isAsked = false;
    SessionEvents* m_events = nullptr;
    bool m_established = false; ///< the first INVITE has its 2xx
    bool m_described = false;   ///< it has a description in an answer before that
    bool m_over = false;
    std::optional<nua_saved_event_t> m_update; ///< waits for respond()
    std::optional<nua_saved_event_t> m_refer;  ///< waits for referred()
    std::string m_askedEvent;                  ///< of what waits
    std::string m_referEvent;                  ///< of the NOTIFYs about the last one that was accepted
    DialogId m_dialog;
    std::unique_ptr<DigestTicket> m_ticket; ///< null: we answer nobody
    int m_challenged = 0;                   ///< by whom the ticket was asked for: 401 or 407; 0: by nobody
};

} // namespace sr::sip
