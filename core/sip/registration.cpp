// SPDX-License-Identifier: GPL-3.0-or-later
// One try is one or more requests: the registrar may ask who we are, and for a longer time.
#include "core/sip/registration.h"

#include "core/crypto/digest.h"

#include <algorithm>

namespace sr::sip {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kBasePause{30};        // RFC 5626 4.5: base-time where all flows have failed
constexpr seconds kLongestPause{1800};   // and max-time
constexpr seconds kRefusedPause{600};    // chosen: slow enough for those who lock out guessers
constexpr seconds kMostRetryAfter{3600}; // chosen: a slip of the pen shall not keep us away for days
constexpr seconds kGoodBye{4};           // chosen: how long one waits for its answer
constexpr std::uint32_t kMostMinExpires = 24 * 3600; // [s]; chosen

/// `whole` times a random share of `from` to `to` percent, so that not all come at once after a power cut.
milliseconds shareOf(milliseconds whole, std::uint32_t from, std::uint32_t to)
{
    const auto random = loadBe<std::uint32_t>(crypto::randomArray<4>().data());
    return whole * (from + random % (to - from + 1)) / 100;
}

bool isRefusal(int status)
{
    return status == 401 || status == 407 || status == 403 || status == 404;
}

} // namespace

Registration::Registration(RegistrationOptions options, RegisterSender& sender, const Clock& clock,
                           RegistrationEvents& events)
    : m_options(std::move(options))
    , m_sender(sender)
    , m_clock(clock)
    , m_events(events)
    , m_callId(toHex(crypto::randomArray<16>()))
    , m_fromTag(toHex(crypto::randomArray<8>()))
    , m_expires(m_options.expires)
{
    m_status.nextTry = clock.steadyNow();
}

void Registration::tick()
{
    const TimePoint now = m_clock.steadyNow();
    if (m_status.state == RegistrationState::Leaving && now >= m_goodByeEnds)
        return finish();
    if (m_status.state == RegistrationState::Leaving || m_status.state == RegistrationState::Gone)
        return;
    if (m_status.state == RegistrationState::Registered && now >= m_status.until) {
        m_status.state = m_pending ? RegistrationState::Trying : RegistrationState::Failed;
        return m_events.onLost(RegistrationStatus(m_status));
    }
    if (!m_pending && now >= m_status.nextTry)
        beginTry();
    else if (m_pending)
        if (std::string trouble = m_pending->trouble(); !trouble.empty()) {
            m_pending.reset();
            failTry(503, std::nullopt, std::move(trouble));
        }
}

void Registration::leave()
{
    if (m_status.state == RegistrationState::Leaving || m_status.state == RegistrationState::Gone)
        return;
    const bool isKnownThere = m_status.state == RegistrationState::Registered;
    m_pending.reset();
    m_status.state = RegistrationState::Leaving;
    if (!isKnownThere)
        return finish();
    m_goodByeEnds = m_clock.steadyNow() + kGoodBye;
    beginTry();
}

void Registration::beginTry()
{
    m_registrar.hasAnswered = false;
    m_proxy.hasAnswered = false;
    if (m_status.state == RegistrationState::Failed)
        m_status.state = RegistrationState::Trying;
    send();
}

std::string Registration::answerOf(Asker& asker)
{
    if (!asker.responder.canAnswer())
        return {};
    return asker.responder.answer(m_options.account, "REGISTER", "sip:" + m_options.registrar);
}

/// Whoever asked before is answered without being asked again, by the next count of the same nonce.
void Registration::send()
{
    OutgoingRegister request;
    request.registrar = m_options.registrar;
    request.proxy = m_options.proxy;
    request.transport = m_options.transport;
    request.aor = m_options.aor;
    request.contactUser = m_options.contactUser;
    request.fromTag = m_fromTag;
    request.callId = m_callId;
    request.cseq = ++m_cseq;
    request.expires = m_status.state == RegistrationState::Leaving ? 0 : m_expires;
    request.authorization = answerOf(m_registrar);
    request.proxyAuthorization = answerOf(m_proxy);
    m_pending = m_sender.sendRegister(request, [this](const RegisterReply& reply) { take(reply); });
    if (!m_pending)
        failTry(503, std::nullopt);
}

void Registration::take(const RegisterReply& reply)
{
    m_pending.reset();
    if (takeChallenges(reply) || takeMinExpires(reply))
        return send();
    if (m_status.state == RegistrationState::Leaving)
        return finish();
    if (reply.status >= 200 && reply.status < 300)
        succeed(reply);
    else
        failTry(reply.status, reply.retryAfter);
}

/// Whether there is something new to answer.
bool Registration::takeChallenges(const RegisterReply& reply)
{
    if (reply.status != 401 && reply.status != 407)
        return false;
    Asker& asker = reply.status == 401 ? m_registrar : m_proxy;
    const auto& challenges = reply.status == 401 ? reply.challenges : reply.proxyChallenges;
    if (asker.responder.take(challenges, asker.hasAnswered) != DigestResponder::Verdict::Answer)
        return false;
    asker.hasAnswered = true;
    return true;
}

/// RFC 3261 10.2.8
bool Registration::takeMinExpires(const RegisterReply& reply)
{
    if (reply.status != 423 || !reply.minExpires || *reply.minExpires <= m_expires ||
        *reply.minExpires > kMostMinExpires)
        return false;
    m_expires = *reply.minExpires;
    return true;
}

void Registration::succeed(const RegisterReply& reply)
{
    const TimePoint now = m_clock.steadyNow();
    const seconds granted(reply.expires.value_or(m_expires));
    const bool isNews = m_status.state != RegistrationState::Registered || m_toldFailure != 0;
    m_failures = 0;
    m_toldFailure = 0;
    m_status = {RegistrationState::Registered, now + granted, {}, 0, reply.peer};
    // Early enough for a second try, and not all at the same moment.
    m_status.nextTry = now + std::max<milliseconds>(shareOf(granted, 70, 80), seconds(1));
    if (isNews)
        m_events.onRegistered(RegistrationStatus(m_status));
}

milliseconds Registration::pauseBehind(int status, std::optional<std::uint32_t> retryAfter) const
{
    if (retryAfter)
        return std::clamp<milliseconds>(seconds(*retryAfter), seconds(1), kMostRetryAfter);
    if (isRefusal(status))
        return shareOf(kRefusedPause, 100, 120);
    const unsigned doublings = std::min(m_failures, 10U);
    const milliseconds pause =
        shareOf(std::min<milliseconds>(kBasePause * (1U << doublings), kLongestPause), 50, 100);
    if (m_status.state != RegistrationState::Registered)
        return pause;
    // What is left may still be saved.
    const auto left = std::chrono::duration_cast<milliseconds>(m_status.until - m_clock.steadyNow());
    return std::min(pause, std::max<milliseconds>(left / 2, seconds(1)));
}

void Registration::failTry(int status, std::optional<std::uint32_t> retryAfter, std::string trouble)
{
    if (m_status.state == RegistrationState::Leaving)
        return finish();
    m_status.nextTry = m_clock.steadyNow() + pauseBehind(status, retryAfter);
    m_status.failure = status;
    m_status.trouble = std::move(trouble);
    ++m_failures;
    if (m_status.state != RegistrationState::Registered)
        m_status.state = RegistrationState::Failed;
    if (std::exchange(m_toldFailure, status) != status)
        m_events.onFailed(RegistrationStatus(m_status));
}

void Registration::finish()
{
    m_pending.reset();
    m_status.state = RegistrationState::Gone;
    m_events.onGone();
}

} // namespace sr::sip
