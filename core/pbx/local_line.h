// SPDX-License-Identifier: GPL-3.0-or-later
// What joins the session that call control has and the call that an application has: each end speaks to the
// other by way of post(), as if there were a network in between. Internal to the local phones of core/pbx.
#pragma once

#include "core/pbx/key_info.h"
#include "core/pbx/local_call.h"
#include "core/pbx/local_media.h"
#include "core/sip/session.h"

namespace sr::pbx {

/// What all lines of a dialer share; outlives none of them by itself.
struct LocalOffice {
    media::MediaServer& media;
    media::Executor post; ///< onto the control thread
    IpAddress address;    ///< of the ports
};

/// Control thread. Shared by both ends and by what is posted; goes with the last of them.
class LocalLine : public std::enable_shared_from_this<LocalLine> {
public:
    enum class Role : std::uint8_t {
        Called, ///< an application answers
        Calling,
    };
    LocalLine(std::shared_ptr<const LocalOffice> office, Role role, LocalCallInfo info, std::string offer);
    const LocalCallInfo& info() const { return m_info; }
    const sip::DialogId& dialog() const { return m_dialog; }
    bool isAnswered() const { return m_answered; }
    bool isOver() const { return m_over; }
    /// Of its port; opened when it is first needed. Errors: of media::MediaServer::open().
    Result<LocalMedia*> media();
    LocalMedia* openMedia() { return m_media.get(); } ///< null: none is open

    // The application's end
    void setApplication(LocalCallEvents events);
    /// Nobody is told anything any more; hangUp() is the caller's.
    void dropApplication();
    void ring();
    Status playEarly();
    Status answer();
    void refer(sip::ReferRequest request);
    void sendInfo(const KeyInfo& key);
    void hangUp(int status);

    // Call control's end
    void setSession(sip::SessionEvents& events) { m_session = &events; }
    void dropSession();
    void onRespond(int status, const std::string& sdp);
    void onAcknowledge(const std::string& sdp);
    void onOffer(const std::string& sdp);
    void onInfo(const std::string& contentType, const std::string& body);
    void onReferred(int status);
    void onPeer(const sip::Peer& peer);
    /// Without anybody to serve it.
    void refuse(int status) { hangUp(status); }

private:
    template <typename Tell>
    void toSession(Tell tell);
    template <typename Tell>
    void toApplication(Tell tell);
    media::PortEvents portEvents();
    Result<std::string> localAnswer();
    Status takeAnswer(const std::string& sdp);
    void tellHold(bool before);
    void end(int status);
    void close();

    std::shared_ptr<const LocalOffice> m_office;
    Role m_role;
    LocalCallInfo m_info;
    sip::DialogId m_dialog;
    std::string m_offer;         ///< of the invitation; empty: there was none
    std::string m_answer;        ///< to it, once made
    bool m_awaitsAnswer = false; ///< the last offer was ours
    bool m_answered = false;
    bool m_over = false;
    bool m_refers = false; ///< 202 has come
    sip::SessionEvents* m_session = nullptr;
    std::shared_ptr<LocalCallEvents> m_application;
    std::unique_ptr<LocalMedia> m_media;
};

} // namespace sr::pbx
