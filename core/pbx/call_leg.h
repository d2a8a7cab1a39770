// SPDX-License-Identifier: GPL-3.0-or-later
// One device in a call. Internal to the sources of Call.
#pragma once

#include "core/pbx/call.h"

namespace sr::pbx {

class Call::Leg final : public sip::SessionEvents {
public:
    Leg(Call& call, Side side)
        : m_call(&call)
        , m_side(side)
    {}
    void take(std::unique_ptr<sip::Session> session)
    {
        m_session = std::move(session);
        if (m_session)
            m_session->setEvents(*this);
    }
    /// What it tells goes to another call from now on.
    void move(Call& call, Side side)
    {
        m_call = &call;
        m_side = side;
    }
    Side side() const { return m_side; }
    sip::Session* session() const { return m_session.get(); }

    void onReply(const sip::Reply& reply) override { m_call->onReply(*this, reply); }
    void onOffer(const std::string& sdp) override { m_call->onOffer(*this, sdp); }
    void onAck(const std::string& sdp) override { m_call->onAck(*this, sdp); }
    void onInfo(const std::string& type, const std::string& body) override
    {
        m_call->onInfo(*this, type, body);
    }
    /// Of a phone's own key: only its user's wish is meant.
    void onRecordKey(bool on) override
    {
        if (m_call->isSeated(*this))
            m_call->switchRecording(m_side, on);
    }
    void onRefer(const sip::ReferRequest& request) override { m_call->onRefer(*this, request); }
    void onEnded(sip::Ending ending) override { m_call->onEnded(*this, ending); }

    sip::Source device;              ///< where it is
    CalledDevice called;             ///< as it was called
    bool alerted = false;            ///< this one, or another one of the same owner
    bool isOurs = false;             ///< its INVITE was ours, and so is its Call-ID
    bool picksUp = false;            ///< it has called itself, and waits for its ACK
    std::string early;               ///< its description from before its answer
    std::vector<Protection> refused; ///< what it was offered in vain
    TimePoint probed{};              ///< when it was last asked whether it is there, or told to go

private:
    Call* m_call;
    Side m_side;
    std::unique_ptr<sip::Session> m_session;
};

inline constexpr int kPending = 491;     ///< Request Pending: both offer at once
inline constexpr int kNoService = 503;   ///< Service Unavailable: no way out
inline constexpr int kUnavailable = 480; ///< Temporarily Unavailable: what a caller is told of most troubles

/// Who hands its callers over to people; one recording has both.
bool isQueue(const CallParty& party);
bool isNobody(const CallParty& party); ///< codes and places to wait: a call there is no talk
bool isPerson(const CallParty& party); ///< nor a script, which is called about a talk
bool isUser(const CallParty& party);   ///< of this exchange
RecordParty recordParty(const CallParty& party, const std::string& device = {});
const std::string& numberOf(const CallParty& party); ///< to be shown; where it is unknown, a word for that
std::string hostText(const IpAddress& address);      ///< as it stands in a URI
/// What a caller may be told of a device's refusal: its redirections and challenges are our business.
int passedOn(int status);
/// Likewise of an offer while they talk: with one that ends no call (RFC 5057 5.1).
int refusalOfOffer(int status);
/// RFC 3261 16.7: a refusal for everywhere wins, then the lowest class.
int betterRefusal(int before, int status);

} // namespace sr::pbx
