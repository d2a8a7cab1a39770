// SPDX-License-Identifier: GPL-3.0-or-later
// Short messages between users (RFC 3428): one that comes in goes to every device of whom it is meant for.
#pragma once

#include "core/base/clock.h"
#include "core/pbx/object.h"
#include "core/pbx/registrar.h"
#include "core/sip/session.h"
#include "core/sip/subscription.h"

#include <unordered_map>

namespace sr::pbx {

struct MessageLimits {
    std::size_t bytes = 4096;       ///< [octets] of text; more is refused with 413
    std::size_t underWay = 1000;    ///< then 503
    std::size_t perUser = 32;       ///< under way from one user; then 503
    std::chrono::seconds waits{5};  ///< for the first device that says it has it; then 202
    std::chrono::seconds retry{10}; ///< Retry-After of 503
};

/// Control thread. The sender is told 200 once a device has the message, 202 if none has said so in time, or
/// what the devices refused it with.
class MessageRelay {
public:
    /// All outlive it.
    MessageRelay(sip::Messenger& messenger, const sip::Dialer& dialer, const Clock& clock,
                 MessageLimits limits = {});
    ~MessageRelay();

    /// `from` is who the request has proved to be. `to`: null: there is no such user.
    void take(std::unique_ptr<sip::IncomingMessage> message, const sip::MessageRequest& request,
              const User& from, const User* to, const std::vector<Binding>& devices);
    /// Nobody hears what becomes of it.
    void send(const std::string& text, const User& from, const User& to, const std::vector<Binding>& devices);
    void onSecond();

private:
    struct Pending;
    int refusalOf(const sip::MessageRequest& request, const User& from) const;
    void onReply(std::uint64_t id, int status);

    sip::Messenger& m_messenger;
    const sip::Dialer& m_dialer;
    const Clock& m_clock;
    const MessageLimits m_limits;
    std::unordered_map<std::uint64_t, std::unique_ptr<Pending>> m_pending;
    std::uint64_t m_last = 0;
};

} // namespace sr::pbx
