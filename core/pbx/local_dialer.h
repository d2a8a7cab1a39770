// SPDX-License-Identifier: GPL-3.0-or-later
// Phones inside the exchange: calls to `service:` URIs are answered here, everything else goes to the
// network.
#pragma once

#include "core/pbx/local_call.h"
#include "core/sip/session.h"

namespace sr::pbx {

class LocalLine;
struct LocalOffice;

struct LocalOptions {
    IpAddress address = *IpAddress::parse("127.0.0.1"); ///< of the local phones' media; ours, either loopback
    std::size_t mostCalls = 500;                        ///< at once
    std::size_t placed = 50; ///< of these for calls from here: queues that are full of callers go on
};

/// A call from here to a number of the exchange.
struct LocalCallPlan {
    sip::NameAddress from;         ///< `user`: as whose phone it calls
    std::string target;            ///< what is dialled
    sip::NameAddress shownAs = {}; ///< who the called person shall see instead; without a user: nobody
};

/// Control thread.
class LocalDialer final : public sip::Dialer {
public:
    /// What a device's invitation would get to: the exchange, which lets it in as `request.from.user`.
    using Incoming = std::function<void(std::unique_ptr<sip::Session>, const sip::InviteRequest&)>;

    /// `network` and `media` outlive it. `post`: onto the control thread, in order, after what runs now.
    LocalDialer(sip::Dialer& network, media::MediaServer& media, media::Executor post,
                const LocalOptions& options = {});
    ~LocalDialer() override;

    /// Calls to `service:name` go there from now on. It outlives the dialer.
    void serve(const std::string& name, LocalApplication& application);
    void setIncoming(Incoming incoming);
    /// Where phones inside the exchange are, for the bindings of services.
    static sip::Source source();

    /// A service that nobody serves answers 404; too many calls: 503.
    std::unique_ptr<sip::Session> invite(const sip::OutgoingInvite& invite,
                                         sip::SessionEvents& events) override;
    IpAddress addressTowards(const sip::Source& device) const override;

    /// The invitation is on its way when this has returned, so that events can be set. Errors: MediaErrc::
    /// TooMany; of media::MediaServer::open(); Gone without setIncoming().
    Result<std::unique_ptr<LocalCall>> placeCall(const LocalCallPlan& plan);
    std::size_t calls() const; ///< that run, both ways

private:
    using Applications = std::map<std::string, LocalApplication*>;

    sip::Dialer& m_network;
    LocalOptions m_options;
    std::shared_ptr<const LocalOffice> m_office; ///< each line holds it, so it also counts them
    std::shared_ptr<Applications> m_applications;
    Incoming m_incoming;
};

} // namespace sr::pbx
