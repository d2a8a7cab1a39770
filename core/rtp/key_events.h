// SPDX-License-Identifier: GPL-3.0-or-later
// One key as events in the place of packets of sound, its end three times (RFC 4733 §2.5.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace sr::rtp {

/// One thread at a time; no allocation.
class KeyEvents {
public:
    /// What goes out in place of a packet.
    struct Event {
        std::array<std::byte, 4> payload{};
        std::uint32_t start = 0; ///< when the key was pressed, which is the packet's time stamp
        bool first = false;      ///< has the marker
    };

    /// `length`: [time stamp ticks]. A key that is down is left.
    void press(std::uint8_t code, std::uint16_t length) noexcept;
    void release() noexcept { m_isDown = false; }
    bool isDown() const noexcept { return m_isDown; }
    /// Of the key that is down, for the packet of `timestamp` with that much sound; its third end releases
    /// it.
    Event next(std::uint32_t timestamp, std::uint32_t frame) noexcept;

private:
    static constexpr unsigned kEnds = 3; ///< RFC 4733 §2.5.1.4

    std::uint8_t m_code = 0;
    std::uint16_t m_length = 0;
    bool m_isDown = false;
    bool m_isNew = false;
    unsigned m_ends = 0; ///< that have gone out
    std::uint32_t m_start = 0;
};

} // namespace sr::rtp
