// SPDX-License-Identifier: GPL-3.0-or-later
// Turns of su_root_step().
#include "core/sip/event_loop.h"

#include "core/sip/door.h"
#include "core/sip/gathered_datagrams.h"

#include <sofia-sip/su_wait.h>

#include <thread>

namespace sr::sip {
namespace {

using namespace std::chrono_literals;

constexpr auto kSleep = 5ms;         ///< chosen: no call is noticeably later for it
constexpr auto kWindow = 100ms;      ///< in which messages are counted
constexpr std::uint64_t kMany = 30;  ///< in it; chosen: fifty calls a second
constexpr unsigned kMostTurns = 128; ///< then what was sent leaves, whatever else there is to read
constexpr unsigned kIdleTurns = 8;   ///< without a message; what else streams bring is read
constexpr su_duration_t kToEnd = 10; ///< [ms] at most; in a step nobody looks whether it is over

} // namespace

bool EventLoop::isBusy()
{
    const TimePoint now = std::chrono::steady_clock::now();
    if (const auto passed = now - m_since; passed >= kWindow) {
        const std::uint64_t count = messagesHeard();
        m_isBusy = (count - m_counted) * kWindow >= kMany * passed;
        m_since = now;
        m_counted = count;
    }
    return m_isBusy;
}

/// What is no message, such as CRLF that keeps a way open (RFC 5626), must not hold up those behind it.
void EventLoop::takeAll()
{
    unsigned idle = 0;
    bool isMore = true;
    for (unsigned turns = 0; isMore && turns < kMostTurns && !m_ended; ++turns) {
        const std::uint64_t before = messagesHeard();
        const bool isSome = su_root_step(m_root, 0) == 0; // reads one datagram of a socket
        idle = messagesHeard() != before ? 0 : idle + 1;
        isMore = idle == 0 || (isSome && idle < kIdleTurns) || hasMore();
    }
    m_isLeft = sendGathered() != 0;
    if (!isMore && m_maySleep && !m_ended)
        std::this_thread::sleep_for(kSleep);
}

void EventLoop::beginToEnd()
{
    (void)sendGathered();
    m_maySleep = false;
    m_isEnding = true;
}

void EventLoop::post(std::function<void()> work)
{
    using Work = std::function<void()>;
    const auto run = [](su_root_magic_t*, su_msg_r, su_msg_arg_t* data) { (**static_cast<Work**>(data))(); };
    const auto forget = [](su_msg_arg_t* data) { delete *static_cast<Work**>(data); };
    su_msg_r message = SU_MSG_R_INIT;
    if (su_msg_create(message, su_root_task(m_root), su_task_null, run, sizeof(Work*)) != 0)
        return;
    *static_cast<Work**>(su_msg_data(message)) = new Work(std::move(work));
    su_msg_deinitializer(message, forget);
    su_msg_send(message);
}

void EventLoop::run()
{
    while (!m_ended) {
        if (m_maySleep && (isBusy() || m_isLeft)) {
            gather();
            takeAll();
        } else {
            (void)su_root_step(m_root, m_isEnding ? kToEnd : SU_WAIT_FOREVER);
        }
    }
}

} // namespace sr::sip
