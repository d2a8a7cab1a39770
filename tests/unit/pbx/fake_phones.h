// SPDX-License-Identifier: GPL-3.0-or-later
// Devices at the other end of sip::Session, so that call control meets every order of events.
#pragma once

#include "core/sip/session.h"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace sr::test {

/// What one device was sent, and what it can send. Outlives its session.
struct FakePhone {
    struct Sent {
        std::string what; ///< `180`, `200`, `ack`, `offer`, `info`, `probe`, `challenge`
        std::string sdp;
    };
    sip::OutgoingInvite invite; ///< of a called device
    sip::SessionEvents* events = nullptr;
    std::vector<Sent> sent;
    std::string callId; ///< of its dialog
    sip::Peer peer;     ///< who has come by the last transfer
    bool over = false;  ///< the exchange has let go of the session: BYE, CANCEL or its refusal

    std::string log() const
    {
        std::string all;
        for (const Sent& one : sent)
            all += (all.empty() ? "" : " ") + one.what;
        return all + (over ? " over" : "");
    }
    const std::string& lastSdp() const { return sent.back().sdp; }
};

class FakeSession final : public sip::Session {
public:
    explicit FakeSession(FakePhone& phone)
        : m_phone(phone)
    {}
    ~FakeSession() override { m_phone.over = true; }
    void setEvents(sip::SessionEvents& events) override { m_phone.events = &events; }
    void respond(int status, const std::string& sdp) override
    {
        m_phone.sent.push_back({std::to_string(status), sdp});
    }
    void challenge(const std::vector<std::string>&) override { m_phone.sent.push_back({"challenge", {}}); }
    void acknowledge(const std::string& sdp) override { m_phone.sent.push_back({"ack", sdp}); }
    void offer(const std::string& sdp) override { m_phone.sent.push_back({"offer", sdp}); }
    void info(const std::string& type, const std::string& body) override
    {
        m_phone.sent.push_back({"info", type + ":" + body});
    }
    void referred(int status) override { m_phone.sent.push_back({"refer" + std::to_string(status), {}}); }
    void peerChanged(const sip::Peer& peer) override { m_phone.peer = peer; }
    bool isDialog(const sip::DialogId& dialog) const override { return dialog.callId == m_phone.callId; }
    void probe() override { m_phone.sent.push_back({"probe", {}}); }

private:
    FakePhone& m_phone;
};

class FakeDialer final : public sip::Dialer {
public:
    std::unique_ptr<sip::Session> invite(const sip::OutgoingInvite& invite,
                                         sip::SessionEvents& events) override
    {
        if (invite.uri == "sip:nowhere")
            return nullptr;
        FakePhone& phone = phones.emplace_back();
        phone.invite = invite;
        auto session = std::make_unique<FakeSession>(phone);
        session->setEvents(events);
        return session;
    }
    IpAddress addressTowards(const sip::Source&) const override { return *IpAddress::parse("127.0.0.1"); }

    std::deque<FakePhone> phones; ///< in the order of their INVITEs
};

} // namespace sr::test
