// SPDX-License-Identifier: GPL-3.0-or-later
// The calls that each user has now, for busy lamps.
#pragma once

#include "core/pbx/call_observer.h"

#include <unordered_map>
#include <vector>

namespace sr::pbx {

/// Control thread.
class DialogStates {
public:
    /// False: it says nothing new.
    bool take(const CallState& state);
    /// In the order of their beginning.
    const std::vector<CallState>& of(const std::string& user) const;
    bool isTalking(const std::string& user) const;

private:
    std::unordered_map<std::string, std::vector<CallState>> m_users; ///< those with calls only
};

} // namespace sr::pbx
