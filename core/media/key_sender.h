// SPDX-License-Identifier: GPL-3.0-or-later
// Presses keys towards the far side (RFC 4733): an event in every beat of a key, its end three times.
#pragma once

#include "core/rtp/key_events.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace sr::media {

/// One thread at a time.
class KeySender {
public:
    static constexpr std::size_t kMostKeys = 64; ///< that wait; more are left out
    static constexpr std::chrono::milliseconds kShortest{40};
    static constexpr std::chrono::milliseconds kLongest{1000}; ///< 16 bits of ticks at 48 kHz

    /// After those that wait. Without effect for what is no key.
    void press(char symbol, std::chrono::milliseconds length);
    /// Nothing: no key is down. The time is that of the beat in that clock [Hz].
    std::optional<rtp::KeyEvents::Event> next(std::uint64_t beat, std::uint32_t clockRate);

private:
    struct Key {
        std::uint8_t code = 0;
        std::chrono::milliseconds length{};
    };
    static constexpr unsigned kPause = 3; ///< beats between two keys

    std::deque<Key> m_keys; ///< that wait
    rtp::KeyEvents m_key;
    unsigned m_pause = 0;
};

} // namespace sr::media
