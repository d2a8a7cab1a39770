// SPDX-License-Identifier: GPL-3.0-or-later
// Presses keys towards the far side (RFC 4733): an event in every beat of a key, its end three times.
#pragma once

#include <array>
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

    /// What goes out in a beat, in place of sound.
    struct Event {
        std::array<std::byte, 4> payload{};
        std::uint64_t start = 0; ///< beat in which the key was pressed, whose time the packet has
        bool first = false;      ///< has the marker
    };

    /// After those that wait. Without effect for what is no key.
    void press(char symbol, std::chrono::milliseconds length);
    /// Nothing: no key is down.
    std::optional<Event> next(std::uint64_t beat, std::uint32_t clockRate);

private:
    struct Key {
        std::uint8_t code = 0;
        unsigned beats = 0;
    };
    static constexpr unsigned kEnds = 3;  ///< RFC 4733 2.5.1.4
    static constexpr unsigned kPause = 3; ///< beats between two keys

    std::deque<Key> m_keys; ///< the first is down if m_done > 0
    unsigned m_done = 0;    ///< its beats
    unsigned m_pause = 0;
    std::uint64_t m_start = 0;
};

} // namespace sr::media
