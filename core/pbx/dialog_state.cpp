// SPDX-License-Identifier: GPL-3.0-or-later
// A user has few calls at once, so a list is enough.
#include "core/pbx/dialog_state.h"

#include <algorithm>

namespace sr::pbx {

bool DialogStates::take(const CallState& state)
{
    if (state.stage == CallStage::Over) {
        const auto user = m_users.find(state.user);
        if (user == m_users.end())
            return false;
        const bool gone =
            std::erase_if(user->second, [&](const CallState& one) { return one.call == state.call; }) > 0;
        if (user->second.empty())
            m_users.erase(user);
        return gone;
    }
    auto& calls = m_users[state.user];
    const auto known = std::ranges::find(calls, state.call, &CallState::call);
    if (known == calls.end()) {
        calls.push_back(state);
        return true;
    }
    if (*known == state)
        return false;
    *known = state;
    return true;
}

const std::vector<CallState>& DialogStates::of(const std::string& user) const
{
    static const std::vector<CallState> none;
    const auto found = m_users.find(user);
    return found == m_users.end() ? none : found->second;
}

bool DialogStates::isTalking(const std::string& user) const
{
    return std::ranges::any_of(of(user),
                               [](const CallState& one) { return one.stage == CallStage::Confirmed; });
}

} // namespace sr::pbx
