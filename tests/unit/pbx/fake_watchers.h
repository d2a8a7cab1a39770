// SPDX-License-Identifier: GPL-3.0-or-later
// Devices at the other end of sip::Subscription and sip::IncomingMessage.
#pragma once

#include "core/sip/subscription.h"

#include <memory>
#include <string>
#include <vector>

namespace sr::test {

/// What one watcher was sent. Outlives its subscription.
struct FakeWatcher {
    sip::SubscriptionEvents* events = nullptr;
    std::vector<std::string> sent;   ///< `accept 3600`, `refuse 403`, `notify`, `end rejected`
    std::vector<std::string> bodies; ///< of the NOTIFYs
    sip::Refusal refusal;
    std::string type; ///< of the last body
    bool over = false;

    std::string log() const
    {
        std::string all;
        for (const std::string& one : sent)
            all += (all.empty() ? "" : ", ") + one;
        return all;
    }
    /// It has answered the NOTIFY.
    void answers() const { events->onNotified(); }
    bool knows(const std::string& words) const
    {
        return !bodies.empty() && bodies.back().find(words) != std::string::npos;
    }
};

class FakeSubscription final : public sip::Subscription {
public:
    explicit FakeSubscription(FakeWatcher& watcher)
        : m_watcher(watcher)
    {}
    ~FakeSubscription() override { m_watcher.over = true; }
    void setEvents(sip::SubscriptionEvents& events) override { m_watcher.events = &events; }
    void refuse(const sip::Refusal& refusal) override
    {
        m_watcher.refusal = refusal;
        m_watcher.sent.push_back("refuse " + std::to_string(refusal.status));
    }
    void accept(std::chrono::seconds expires) override
    {
        m_watcher.sent.push_back("accept " + std::to_string(expires.count()));
    }
    void notify(const std::string& contentType, const std::string& body) override
    {
        m_watcher.sent.emplace_back("notify");
        m_watcher.type = contentType;
        m_watcher.bodies.push_back(body);
    }
    void terminate(const char* reason) override { m_watcher.sent.push_back(std::string("end ") + reason); }

private:
    FakeWatcher& m_watcher;
};

/// What the sender of a message was answered: one status each.
class FakeMessage final : public sip::IncomingMessage {
public:
    explicit FakeMessage(std::vector<int>& answers)
        : m_answers(answers)
    {}
    void answer(const sip::Refusal& answer) override { m_answers.push_back(answer.status); }

private:
    std::vector<int>& m_answers;
};

} // namespace sr::test
