// SPDX-License-Identifier: GPL-3.0-or-later
// Keys that the far side presses (RFC 4733), each once.
#pragma once

#include "core/rtp/telephone_event.h"

#include <chrono>
#include <vector>

namespace sr::media {

struct PressedKey {
    char symbol = '0'; ///< `0`-`9` `*` `#` `A`-`D`, `!` for flash
    std::chrono::milliseconds length{0};
};

/// One thread at a time.
class DigitEar {
public:
    void add(const rtp::PacketView& packet, std::uint32_t clockRate);
    /// 20 ms have passed. Whose end was lost is over once nothing is heard of it for a while.
    void beat();
    /// Finished since the last call; lives until the next one.
    const std::vector<PressedKey>& take();

private:
    static constexpr unsigned kPatience = 10; ///< beats; events are told of at least every 50 ms

    rtp::TelephoneEventDecoder m_decoder;
    std::vector<rtp::DigitEvent> m_finished;
    std::vector<PressedKey> m_taken;
    std::uint32_t m_ssrc = 0;
    std::uint32_t m_lastTime = 0;     ///< RTP time of the last event
    std::uint32_t m_clockRate = 8000; ///< [Hz]
    unsigned m_quiet = kPatience;     ///< beats since the last event
};

} // namespace sr::media
