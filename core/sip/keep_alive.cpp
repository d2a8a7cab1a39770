// SPDX-License-Identifier: GPL-3.0-or-later
// Any answer is a sign of life but 503, which says that somebody is out of order himself.
#include "core/sip/keep_alive.h"

#include <utility>

namespace sr::sip {
namespace {

using std::chrono::seconds;

constexpr seconds kEvery{30};     // chosen: also what keeps most NATs open (RFC 5626 4.4.1 asks for 24 to 29)
constexpr seconds kWhileGone{10}; // chosen: how soon one that works again is found
constexpr seconds kPatience{5};   // chosen: UDP has sent it five times by then (RFC 3261 17.1.2.2)
constexpr int kTimeout = 408;
constexpr int kNoService = 503;

bool isSignOfLife(int status)
{
    return status != kTimeout && status != kNoService;
}

} // namespace

KeepAlive::KeepAlive(KeepAliveOptions options, OptionsSender& sender, const Clock& clock,
                     KeepAliveEvents& events)
    : m_options(std::move(options))
    , m_sender(sender)
    , m_clock(clock)
    , m_events(events)
    , m_next(clock.steadyNow())
{
    m_status.peer = sender.wayTo(m_options.host, m_options.transport);
    m_status.isAsked = m_options.asks;
}

void KeepAlive::tick()
{
    if (!m_options.asks)
        return;
    const TimePoint now = m_clock.steadyNow();
    if (std::string trouble = m_pending ? m_pending->trouble() : std::string(); !trouble.empty())
        return take({kNoService, {}}, std::move(trouble));
    if (m_pending && now >= m_patienceEnds)
        return take({kTimeout, {}});
    if (!m_pending && now >= m_next)
        ask();
}

void KeepAlive::ask()
{
    m_patienceEnds = m_clock.steadyNow() + kPatience;
    m_pending = m_sender.sendOptions(m_options.host, m_options.transport,
                                     [this](const OptionsReply& reply) { take(reply); });
    if (!m_pending)
        take({kNoService, {}});
}

void KeepAlive::take(const OptionsReply& reply, std::string trouble)
{
    m_pending.reset();
    const bool isThere = isSignOfLife(reply.status);
    const KeepAliveState state = isThere ? KeepAliveState::There : KeepAliveState::Gone;
    m_next = m_clock.steadyNow() + (isThere ? kEvery : kWhileGone);
    m_status.failure = isThere ? 0 : reply.status;
    m_status.trouble = std::move(trouble);
    if (isThere)
        m_status.peer = reply.peer;
    if (std::exchange(m_status.state, state) == state)
        return;
    const KeepAliveStatus told = m_status;
    isThere ? m_events.onThere(told) : m_events.onGone(told);
}

} // namespace sr::sip
