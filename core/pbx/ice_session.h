// SPDX-License-Identifier: GPL-3.0-or-later
// A session whose descriptions an agent of ICE has a part in. Internal to the dialer of full ICE.
#pragma once

#include "core/pbx/ice_dialer.h"

#include <optional>

namespace sr::pbx {

/// Control thread. What is said to the device waits until the agent has gathered, in its order.
class IceSession final : public sip::Session, private sip::SessionEvents {
public:
    /// `relayedOnly`, `local`, `rtcpMux`: as of relay::IcePlan. `who`: for alarms.
    struct Plan {
        sip::IceUse use = sip::IceUse::Off;
        IpAddress local;
        std::string who;
    };
    IceSession(const IceParts& parts, Plan plan);
    ~IceSession() override;
    IceSession(const IceSession&) = delete;
    IceSession& operator=(const IceSession&) = delete;

    void call(sip::Dialer& network, sip::OutgoingInvite invite, sip::SessionEvents& events);
    /// The device's description as the call shall see it.
    std::string take(std::unique_ptr<sip::Session> session, const std::string& sdp);

    void setEvents(sip::SessionEvents& events) override { m_events = &events; }
    void respond(int status, const std::string& sdp) override;
    void challenge(const std::vector<std::string>& challenges) override;
    void acknowledge(const std::string& sdp) override;
    void offer(const std::string& sdp) override;
    void info(const std::string& contentType, const std::string& body) override;
    void referred(int status) override;
    bool isDialog(const sip::DialogId& dialog) const override;
    void probe() override;

private:
    enum class Role : std::uint8_t { Offer, Answer };
    using Work = std::function<void()>;

    void onReply(const sip::Reply& reply) override;
    void onOffer(const std::string& sdp) override;
    void onAck(const std::string& sdp) override;
    void onInfo(const std::string& contentType, const std::string& body) override;
    void onRecordKey(bool on) override;
    void onRefer(const sip::ReferRequest& request) override;
    void onEnded(sip::Ending ending) override;

    void openAgent(relay::IceRole role, bool rtcpMux);
    void onGathered();
    void onTrouble(relay::IceTrouble trouble);
    /// Now, or once the agent has gathered.
    void perform(Work work);
    std::string fromDevice(const std::string& sdp, Role role);
    std::string toDevice(const std::string& sdp, Role role);

    const IceParts& m_parts;
    const Plan m_plan;
    std::shared_ptr<IceSession*> m_self; ///< what is posted looks here whether there still is a session
    sip::SessionEvents* m_events = nullptr;
    std::unique_ptr<sip::Session> m_inner; ///< null: its INVITE has not gone out
    std::unique_ptr<relay::IceAgent> m_agent;
    bool m_isGathered = true;
    bool m_isPlain = false;              ///< the device knows no ICE
    bool m_weOffer = false;              ///< of the two that a description has to do with
    bool m_isInvited = false;            ///< a re-INVITE of ours is under way
    std::optional<Endpoint> m_nextRelay; ///< from when that is answered
    std::vector<Work> m_waiting;
};

} // namespace sr::pbx
