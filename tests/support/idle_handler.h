// SPDX-License-Identifier: GPL-3.0-or-later
// Lets everybody in and does nothing; a test overrides what it asks for.
#pragma once

#include "core/sip/sip_stack.h"

namespace sr::test {

class IdleHandler : public sip::RequestHandler {
public:
    bool admits(const sip::Knock&) override { return true; }
    sip::RegisterAnswer onRegister(const sip::RegisterRequest&) override { return {}; }
    void onInvite(std::unique_ptr<sip::Session>, const sip::InviteRequest&) override {}
    void onSubscribe(std::unique_ptr<sip::Subscription>, const sip::SubscribeRequest&) override {}
    sip::PublishAnswer onPublish(const sip::PublishRequest&) override { return {}; }
    void onMessage(std::unique_ptr<sip::IncomingMessage>, const sip::MessageRequest&) override {}
    void onSecond() override {}
    void onStopping() override {}
};

} // namespace sr::test
