// SPDX-License-Identifier: GPL-3.0-or-later
// A subscription to us (RFC 6665), and messages outside of calls (RFC 3428), as the exchange sees them.
#pragma once

#include "core/sip/event_types.h"

#include <chrono>
#include <functional>
#include <memory>

namespace sr::sip {

enum class SubscriptionEnd : std::uint8_t {
    Unsubscribed, ///< by the device
    Expired,      ///< it was not refreshed
    Lost,         ///< a NOTIFY was refused, or nobody answered it
};

/// Called on the control thread. The subscription may be destroyed inside any of them.
class SubscriptionEvents {
public:
    virtual ~SubscriptionEvents() = default;
    /// The NOTIFY that was under way has arrived: the next may go.
    virtual void onNotified() = 0;
    virtual void onEnded(SubscriptionEnd why) = 0;
};

/// Control thread. Refreshes are answered by the stack, with the last NOTIFY once more. Destroyed before its
/// end, it refuses what was not accepted, else it tells the device `noresource`.
class Subscription {
public:
    virtual ~Subscription() = default;
    virtual void setEvents(SubscriptionEvents& events) = 0;
    virtual void refuse(const Refusal& refusal) = 0; ///< it is over
    /// 200; notify() must follow at once (RFC 6665 4.2.1.2). 0 [s]: that one NOTIFY is all there will be.
    virtual void accept(std::chrono::seconds expires) = 0;
    /// The whole state anew. One at a time: after onNotified() the next.
    virtual void notify(const std::string& contentType, const std::string& body) = 0;
    /// `reason`: RFC 6665 4.2.2, a literal. It is over. The device hears nothing of it while notify() is
    /// under way.
    virtual void terminate(const char* reason) = 0;
};

/// A MESSAGE that waits for its answer; destroyed without one it is answered 500.
class IncomingMessage {
public:
    virtual ~IncomingMessage() = default;
    /// Once. A 415 says that text/plain is accepted.
    virtual void answer(const Refusal& answer) = 0;
};

/// Sends messages. Control thread.
class Messenger {
public:
    virtual ~Messenger() = default;
    /// `done`: the device's final status, later; 408 if none came. Not called if the stack ends first. False:
    /// the URI is none or the listener is gone, and `done` is never called.
    virtual bool message(const OutgoingMessage& message, std::function<void(int status)> done) = 0;
};

} // namespace sr::sip
