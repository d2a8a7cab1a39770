// SPDX-License-Identifier: GPL-3.0-or-later
// An INVITE session with one device (RFC 3261 13 to 15) as call control sees it.
#pragma once

#include "core/base/error.h"
#include "core/sip/sip_types.h"

#include <memory>

namespace sr::sip {

/// Why a session is over without our doing.
enum class Ending : std::uint8_t {
    Bye,       ///< the device hung up
    Cancelled, ///< the caller gave up before an answer
    Lost,      ///< no ACK, no answer to a probe, a broken dialog
};

/// Called on the control thread. A session may be destroyed inside any of them.
class SessionEvents {
public:
    virtual ~SessionEvents() = default;
    /// To invite() or offer(). A final one of 300 and more ends a session that was not answered before.
    virtual void onReply(const Reply& reply) = 0;
    /// The device offers anew (re-INVITE or UPDATE): respond() once. Empty: it wants our offer.
    virtual void onOffer(const std::string& sdp) = 0;
    /// Our 2xx has arrived; `sdp` is its answer where the offer was ours.
    virtual void onAck(const std::string& sdp) = 0;
    /// A key as SIP INFO (application/dtmf-relay): the body as it came.
    virtual void onInfo(const std::string& contentType, const std::string& body) = 0;
    /// A key of the phone for its recording: INFO with `Record: on` or `off`, as many phones send it.
    virtual void onRecordKey(bool /*on*/) {}
    /// The device hands its call over: referred() once with what becomes of the request.
    virtual void onRefer(const ReferRequest& request) = 0;
    virtual void onEnded(Ending ending) = 0;
};

/// Control thread. Its end is the call's: what was not answered is refused or cancelled, else BYE is sent.
class Session {
public:
    virtual ~Session() = default;
    virtual void setEvents(SessionEvents& events) = 0;
    /// To the INVITE or the last onOffer(); 1xx any number of times. With the standard's phrase.
    virtual void respond(int status, const std::string& sdp = {}) = 0;
    /// 401 with these values of WWW-Authenticate; the session is over.
    virtual void challenge(const std::vector<std::string>& challenges) = 0;
    /// Of a 2xx that onReply() brought; exactly once for each.
    virtual void acknowledge(const std::string& sdp = {}) = 0;
    /// A re-INVITE. One at a time.
    virtual void offer(const std::string& sdp) = 0;
    virtual void info(const std::string& contentType, const std::string& body) = 0;
    /// First the answer to onRefer(): 202, or a refusal. After 202 how the other call gets on (RFC
    /// 3515 2.4.5), until a status of 200 and more ends it.
    virtual void referred(int status) = 0;
    /// A transfer has come to its end: that one is there now, or still. Devices are not told.
    virtual void peerChanged(const Peer& /*peer*/) {}
    virtual bool isDialog(const DialogId& dialog) const = 0;
    /// Asks the device whether it is still there; if not, onEnded(Lost) follows.
    virtual void probe() = 0;
};

/// Makes sessions.
class Dialer {
public:
    virtual ~Dialer() = default;
    /// Sends the INVITE. `events` outlives the session. Null: the URI is none, or the listener is gone.
    virtual std::unique_ptr<Session> invite(const OutgoingInvite& invite, SessionEvents& events) = 0;
    /// Our address as a device there reaches us, for its media.
    virtual IpAddress addressTowards(const Source& device) const = 0;
};

} // namespace sr::sip
