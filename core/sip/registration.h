// SPDX-License-Identifier: GPL-3.0-or-later
// Being registered at somebody else's registrar (RFC 3261 10.2) for as long as wanted: refreshes, growing
// pauses behind failures (RFC 5626 4.5), and a good-bye. Knows no sockets: requests go to a RegisterSender.
#pragma once

#include "core/base/clock.h"
#include "core/sip/digest_response.h"
#include "core/sip/sip_types.h"

#include <functional>
#include <memory>

namespace sr::sip {

/// Where to register, and as whom.
struct RegistrationOptions {
    std::string registrar; ///< `host`, `host:port` or `[v6]:port`: the Request-URI, with `sip:` before it
    std::string proxy;     ///< likewise, where requests go first; empty: to the registrar
    Transport transport = Transport::Udp;
    NameAddress aor; ///< address-of-record: From and To
    DigestAccount account;
    std::string contactUser;     ///< user part of our Contact, by which the registrar's calls are known
    std::uint32_t expires = 600; ///< [s] asked for; the registrar may grant another time
    bool operator==(const RegistrationOptions&) const = default;
};

/// One REGISTER.
struct OutgoingRegister {
    std::string registrar;
    std::string proxy;
    Transport transport = Transport::Udp;
    NameAddress aor;
    std::string contactUser;
    std::string fromTag;
    std::string callId;
    std::uint32_t cseq = 0;
    std::uint32_t expires = 0;      ///< [s]; 0 ends the registration
    std::string authorization;      ///< value of Authorization; empty: none
    std::string proxyAuthorization; ///< likewise
};

struct RegisterReply {
    int status = 0;                               ///< 200 to 699; 408 and 503 also where nobody answered
    std::optional<std::uint32_t> expires = {};    ///< [s] that our Contact has been granted
    std::optional<std::uint32_t> minExpires = {}; ///< of 423 [s]
    std::optional<std::uint32_t> retryAfter = {}; ///< [s]
    std::vector<std::string> challenges = {};     ///< of WWW-Authenticate
    std::vector<std::string> proxyChallenges = {};
    Source peer = {}; ///< who answered; all zeros where nobody did
};

/// A request without its answer. Its end means that nobody waits for the answer any more.
class PendingRegister {
public:
    virtual ~PendingRegister() = default;
    /// Why no answer will come, for people; empty: one may. Asked now and then.
    virtual std::string trouble() const { return {}; }
};

/// Control thread.
class RegisterSender {
public:
    virtual ~RegisterSender() = default;
    /// `answered` is called once, later, on the control thread, and may end the request it is about. Null: we
    /// listen on nothing from which it could be sent, or an address is none.
    virtual std::unique_ptr<PendingRegister>
    sendRegister(const OutgoingRegister& request,
                 std::function<void(const RegisterReply& reply)> answered) = 0;
};

enum class RegistrationState : std::uint8_t {
    Trying,     ///< not registered yet, or no longer; a request is under way or due
    Registered, ///< until it runs out; a refresh that failed does not end it
    Failed,     ///< not registered; the next try comes
    Leaving,    ///< the good-bye is under way
    Gone,       ///< over
};

struct RegistrationStatus {
    using TimePoint = std::chrono::steady_clock::time_point;
    RegistrationState state = RegistrationState::Trying;
    TimePoint until{};     ///< of Registered
    TimePoint nextTry{};   ///< of Registered (the refresh) and Failed
    int failure = 0;       ///< status of the last try where it failed; 0: it did not, or none was made
    Source peer{};         ///< who registered us last
    std::string trouble{}; ///< of `failure`, for people: what is known besides; empty: nothing
};

/// Called on the control thread. A registration may be destroyed inside any of them.
class RegistrationEvents {
public:
    virtual ~RegistrationEvents() = default;
    /// When it begins, and again behind onFailed(); not for each refresh.
    virtual void onRegistered(const RegistrationStatus& status) = 0;
    /// Not again for the same failure, until something else has happened.
    virtual void onFailed(const RegistrationStatus& status) = 0;
    /// It has run out, since no refresh came through.
    virtual void onLost(const RegistrationStatus& status) = 0;
    virtual void onGone() = 0; ///< behind leave()
};

/// Control thread. Its end does not un-register: leave() does.
class Registration {
public:
    /// Begins with the first tick(). All of these outlive it.
    Registration(RegistrationOptions options, RegisterSender& sender, const Clock& clock,
                 RegistrationEvents& events);

    /// Once a second.
    void tick();
    /// Says good-bye, once; onGone() follows with or without an answer, at once where we are not registered.
    void leave();
    const RegistrationStatus& status() const { return m_status; }
    const RegistrationOptions& options() const { return m_options; }

private:
    using TimePoint = RegistrationStatus::TimePoint;

    /// One of the two who may ask for our account.
    struct Asker {
        DigestResponder responder;
        bool hasAnswered = false; ///< a challenge that came in this try
    };

    void beginTry();
    void send();
    std::string answerOf(Asker& asker);
    void take(const RegisterReply& reply);
    bool takeChallenges(const RegisterReply& reply);
    bool takeMinExpires(const RegisterReply& reply);
    void succeed(const RegisterReply& reply);
    void failTry(int status, std::optional<std::uint32_t> retryAfter, std::string trouble = {});
    std::chrono::milliseconds pauseBehind(int status, std::optional<std::uint32_t> retryAfter) const;
    void finish();

    RegistrationOptions m_options;
    RegisterSender& m_sender;
    const Clock& m_clock;
    RegistrationEvents& m_events;
    RegistrationStatus m_status;
    std::unique_ptr<PendingRegister> m_pending;
    Asker m_registrar;
    Asker m_proxy;
    std::string m_callId;
    std::string m_fromTag;
    std::uint32_t m_cseq = 0;
    std::uint32_t m_expires;   ///< [s] that we ask for; 423 raises it
    unsigned m_failures = 0;   ///< one behind the other
    int m_toldFailure = 0;     ///< what onFailed() told last
    TimePoint m_goodByeEnds{}; ///< of Leaving
};

} // namespace sr::sip
