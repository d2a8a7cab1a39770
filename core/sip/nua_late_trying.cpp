// SPDX-License-Identifier: GPL-3.0-or-later
// A queue, since all wait equally long.
#include "core/sip/nua_late_trying.h"

namespace sr::sip {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto kSoon = 125ms;       ///< chosen, so that with a turn of the timer it is within 200 ms
constexpr su_duration_t kTurn = 50; ///< [ms]

} // namespace

bool LateTrying::start(su_root_t* root)
{
    m_timer = su_timer_create(su_root_task(root), kTurn);
    return m_timer != nullptr;
}

void LateTrying::stop()
{
    su_timer_destroy(m_timer);
    m_timer = nullptr;
    m_expected.clear();
}

void LateTrying::expect(NuaOwner* owner)
{
    auto* const session = dynamic_cast<NuaSession*>(owner);
    if (session == nullptr)
        return;
    session->beAsked();
    if (m_expected.empty())
        su_timer_set(m_timer, onTimer, this);
    m_expected.push_back({Clock::now(), session});
}

void LateTrying::onTimer(su_root_magic_t* /*magic*/, su_timer_t* timer, su_timer_arg_t* arg)
{
    LateTrying& trying = *static_cast<LateTrying*>(arg);
    trying.sendDue();
    if (!trying.m_expected.empty())
        su_timer_set(timer, onTimer, arg);
}

void LateTrying::sendDue()
{
    const auto now = Clock::now();
    for (; !m_expected.empty() && now - m_expected.front().since >= kSoon; m_expected.pop_front())
        if (NuaSession* const session = m_expected.front().session; m_sessions.contains(session))
            session->sayTrying();
}

} // namespace sr::sip
