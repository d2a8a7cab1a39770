// SPDX-License-Identifier: GPL-3.0-or-later
// Keys that are pressed in calls whose packets are copied (RFC 4733).
#pragma once

#include "core/relay/relay.h"
#include "core/rtp/telephone_event.h"

#include <functional>
#include <map>
#include <vector>

namespace sr::relay {

/// Owned by the thread that calls Relay::drainTap().
class KeyEars {
public:
    using Heard = std::function<void(std::uint64_t tag, Side from, char symbol)>;

    explicit KeyEars(Heard heard)
        : m_heard(std::move(heard))
    {}
    /// Each key once, when it has ended; one whose end was lost with the next one. Others than
    /// TapPacket::key are ignored. `heard` empty: all are.
    void add(const TapPacket& packet);
    void forget(std::uint64_t tag);

private:
    struct Ear {
        rtp::TelephoneEventDecoder decoder;
        std::uint32_t ssrc = 0;
    };
    Heard m_heard;
    std::map<std::pair<std::uint64_t, Side>, Ear> m_ears;
    std::vector<rtp::DigitEvent> m_finished; ///< lent to a decoder
};

} // namespace sr::relay
