// SPDX-License-Identifier: GPL-3.0-or-later
// Ports that hear each other: each the sum of all but itself.
#pragma once

#include <cstddef>
#include <memory>

namespace sr::media {

class Mix;

/// Control thread. Its members go on without it; the last one ends it.
class Conference {
public:
    static constexpr std::size_t kMost = 64;

    explicit Conference(std::size_t mostMembers = kMost);
    std::size_t members() const { return m_state->members; }
    std::size_t most() const { return m_state->most; }

private:
    friend class Port;
    struct State {
        std::size_t most = 0;
        std::size_t members = 0;
        std::shared_ptr<Mix> mix; ///< the beat thread's
    };
    std::shared_ptr<State> m_state;
};

} // namespace sr::media
