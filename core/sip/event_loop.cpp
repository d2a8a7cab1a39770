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

constexpr auto kSleep = 5ms;        ///< chosen: no call is noticeably later for it
constexpr auto kWindow = 100ms;     ///< in which messages are counted
constexpr std::uint64_t kMany = 30; ///< in it; chosen: fifty calls a second
constexpr unsigned kMostTurns = 32; ///< then what was sent leaves, whatever else there is to read

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

void EventLoop::takeAll()
{
    bool isMore = true;
    for (unsigned turns = 0; isMore && turns < kMostTurns && !m_ended; ++turns) {
        const std::uint64_t before = messagesHeard();
        (void)su_root_step(m_root, 0); // reads one message of a socket, and does what is due
        isMore = messagesHeard() != before;
    }
    m_isLeft = sendGathered() != 0;
    if (!isMore && !m_ended)
        std::this_thread::sleep_for(kSleep);
}

void EventLoop::run()
{
    while (!m_ended) {
        if (m_maySleep && (isBusy() || m_isLeft)) {
            gather();
            takeAll();
        } else {
            (void)su_root_step(m_root, SU_WAIT_FOREVER);
        }
    }
}

} // namespace sr::sip
