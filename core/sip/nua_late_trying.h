// SPDX-License-Identifier: GPL-3.0-or-later
// 100 for who would else wait too long for an answer to his INVITE. Internal to core/sip.
#pragma once

#include "core/sip/nua_session.h"

#include <sofia-sip/su_wait.h>

#include <chrono>
#include <deque>

namespace sr::sip {

/// A 100 to each INVITE at once, as Sofia has it, is a seventh of what a call has us send, and most are
/// answered by 180 soon. It is wanted only where nothing else comes within 200 ms (RFC 3261 17.2.1). On the
/// control thread.
class LateTrying {
public:
    /// `sessions`: those that are there; outlives it.
    explicit LateTrying(const NuaSessions& sessions)
        : m_sessions(sessions)
    {}
    bool start(su_root_t* root); ///< false: no timer
    void stop();
    /// An INVITE has come for it; if it is a session, which may be gone before the time.
    void expect(NuaOwner* owner);

private:
    struct Expected {
        std::chrono::steady_clock::time_point since;
        NuaSession* session;
    };
    static void onTimer(su_root_magic_t* magic, su_timer_t* timer, su_timer_arg_t* arg);
    void sendDue();

    const NuaSessions& m_sessions;
    su_timer_t* m_timer = nullptr; ///< set while any is expected
    std::deque<Expected> m_expected;
};

} // namespace sr::sip
