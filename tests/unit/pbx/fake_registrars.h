// SPDX-License-Identifier: GPL-3.0-or-later
// Providers and gateways that a test plays: what they were sent, and their answers.
#pragma once

#include "core/sip/keep_alive.h"
#include "core/sip/registration.h"

#include <map>

namespace sr::test {

/// Answers all that is sent when told to.
class FakeRegistrars final : public sip::RegisterSender, public sip::OptionsSender {
public:
    std::unique_ptr<sip::PendingRegister>
    sendRegister(const sip::OutgoingRegister& request,
                 std::function<void(const sip::RegisterReply& reply)> answered) override
    {
        sent += (sent.empty() ? "" : " ") + request.aor.user + (request.expires == 0 ? "-" : "+");
        contacts[request.aor.user] = request.contactUser;
        auto pending = std::make_unique<Pending>();
        m_waiting.push_back({request, std::move(answered), pending->isWaitedFor});
        return pending;
    }
    /// 200 to all, from `peer`; `refused` gets 403.
    void answer(const char* peer = "192.0.2.1:5060", const std::string& refused = {})
    {
        for (auto& [request, answered, isWaitedFor] : std::exchange(m_waiting, {})) {
            if (isWaitedFor.expired())
                continue;
            sip::RegisterReply reply;
            reply.status = request.aor.user == refused ? 403 : 200;
            reply.expires = request.expires;
            reply.peer.address = *Endpoint::parse(peer);
            answered(reply);
        }
    }
    std::optional<sip::Source> wayTo(const std::string& host, sip::Transport transport) const override
    {
        const auto there = Endpoint::parse(host);
        return there ? std::optional(sip::Source{*there, transport, 0}) : std::nullopt;
    }
    std::unique_ptr<sip::PendingOptions>
    sendOptions(const std::string& host, sip::Transport transport,
                std::function<void(const sip::OptionsReply& reply)> answered) override
    {
        m_asked[host] = {transport, std::move(answered)};
        return std::make_unique<sip::PendingOptions>();
    }
    /// To an OPTIONS that waits; false: there is none.
    bool answerOptions(const std::string& host, int status, const char* peer = "192.0.2.1:5060")
    {
        const auto asked = m_asked.extract(host);
        if (asked.empty())
            return false;
        asked.mapped().second({status, {*Endpoint::parse(peer), asked.mapped().first, 0}});
        return true;
    }
    std::string taken() { return std::exchange(sent, {}); }

    std::string sent; ///< users with `+`, or `-` for a good-bye
    std::map<std::string, std::string> contacts;

private:
    struct Pending final : sip::PendingRegister {
        std::shared_ptr<bool> isWaitedFor = std::make_shared<bool>(true);
    };
    struct Waiting {
        sip::OutgoingRegister request;
        std::function<void(const sip::RegisterReply& reply)> answered;
        std::weak_ptr<bool> isWaitedFor;
    };
    std::vector<Waiting> m_waiting;
    std::map<std::string, std::pair<sip::Transport, std::function<void(const sip::OptionsReply& reply)>>>
        m_asked;
};

} // namespace sr::test
