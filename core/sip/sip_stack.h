// SPDX-License-Identifier: GPL-3.0-or-later
// The control thread: Sofia-SIP with its listeners, and what it asks of the exchange.
#pragma once

#include "core/base/error.h"
#include "core/sip/keep_alive.h"
#include "core/sip/message_tap.h"
#include "core/sip/registration.h"
#include "core/sip/session.h"
#include "core/sip/sip_types.h"
#include "core/sip/stranger_watch.h"
#include "core/sip/subscription.h"

#include <functional>
#include <memory>

namespace sr::sip {

/// Called on the control thread, so without waiting: no disk, no database, no network.
class RequestHandler {
public:
    virtual ~RequestHandler() = default;
    /// Asked first about each request outside of a dialog. If not, it is dropped, without a word and for next
    /// to no work: the sender will try again.
    virtual bool admits(const Knock& knock) = 0;
    /// Something came whose first line is that of no message, or of a request that is refused for it.
    virtual void onUnreadable(const Source& /*from*/) {}
    virtual RegisterAnswer onRegister(const RegisterRequest& request) = 0;
    /// A call comes in. Dropping the session refuses it.
    virtual void onInvite(std::unique_ptr<Session> session, const InviteRequest& request) = 0;
    /// Somebody wants to watch. Dropping the subscription refuses it.
    virtual void onSubscribe(std::unique_ptr<Subscription> subscription, const SubscribeRequest& request) = 0;
    virtual PublishAnswer onPublish(const PublishRequest& request) = 0;
    virtual void onMessage(std::unique_ptr<IncomingMessage> message, const MessageRequest& request) = 0;
    virtual void onSecond() = 0; ///< once a second
    /// Those of all connections that others have opened which shall be closed, by their sockets. Asked now
    /// and then, where the system lists them.
    virtual std::vector<int> unwanted(const std::vector<Connection>& /*all*/) { return {}; }
    /// The end is near: says good-bye to others, once, and then whether all is said. Asked again until it is,
    /// for five seconds at most.
    virtual bool leave() { return true; }
    /// The last call: sessions, subscriptions, registrations and messages must be gone when it returns.
    virtual void onStopping() = 0;
};

struct StackOptions {
    std::vector<Endpoint> listen;    ///< UDP and TCP each; port 0: a free one is chosen
    std::vector<Endpoint> listenTls; ///< TLS 1.2 and later alone; port 0 as above
    std::string tlsFolder;           ///< UTF-8: TlsIdentity::sofiaFolder, if there is any listenTls
    std::string product;             ///< of User-Agent and Server
};

/// Runs from start() to its destruction, which waits for RequestHandler::leave(), ends what is under way and
/// joins the thread.
class SipStack final : public Dialer, public RegisterSender, public OptionsSender, public Messenger {
public:
    /// Listens when it returns. `handler` outlives it. SipErrc::Listen: address and what the system said.
    static Result<std::unique_ptr<SipStack>> start(const StackOptions& options, RequestHandler& handler);
    ~SipStack() override;
    SipStack(const SipStack&) = delete;
    SipStack& operator=(const SipStack&) = delete;

    /// Runs `work` on the control thread, soon. Any thread. Lost if the stack ends first.
    void post(std::function<void()> work);
    /// Every message from now on, on the control thread; null: none, as at the start. Any thread.
    void trace(MessageTap tap);
    std::unique_ptr<Session> invite(const OutgoingInvite& invite, SessionEvents& events) override;
    /// From the first listener of its transport.
    std::unique_ptr<PendingRegister>
    sendRegister(const OutgoingRegister& request,
                 std::function<void(const RegisterReply& reply)> answered) override;
    std::optional<Source> wayTo(const std::string& host, Transport transport) const override;
    std::unique_ptr<PendingOptions>
    sendOptions(const std::string& host, Transport transport,
                std::function<void(const OptionsReply& reply)> answered) override;
    bool message(const OutgoingMessage& message, std::function<void(int status)> done) override;
    IpAddress addressTowards(const Source& device) const override;
    const std::vector<Endpoint>& listeners() const;    ///< in the order of the options, with their real ports
    const std::vector<Endpoint>& tlsListeners() const; ///< likewise

private:
    struct Impl;
    explicit SipStack(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::sip
