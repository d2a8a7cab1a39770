// SPDX-License-Identifier: GPL-3.0-or-later
// A few packets of delay, in which late ones find their place and an uneven network evens out.
#pragma once

#include "core/base/bytes.h"

#include <array>
#include <cstdint>

namespace sr::media {

/// Packets by their sequence numbers (RFC 3550 §5.1), taken out at an even pace. One thread at a time.
class JitterBuffer {
public:
    static constexpr std::size_t kDepth = 3; ///< packets that wait before the first is taken
    static constexpr std::size_t kMost = 10; ///< more and it goes back to kDepth: the delay must not grow

    enum class Taken : std::uint8_t {
        Packet,
        Lost,    ///< its turn, and only later ones are here
        Nothing, ///< none is here, or too few to begin
    };

    void clear();
    void put(std::uint16_t sequence, ByteView payload);
    /// The next in order into `payload`, swapped so that nothing is copied.
    Taken take(Bytes& payload);
    /// A beat in which nothing came of take(): after kDepth of them the few that are here are let go.
    void wait() { m_waited += m_count > 0 ? 1 : 0; }

private:
    static constexpr std::size_t kSlots = 16;
    struct Slot {
        bool full = false;
        std::uint16_t sequence = 0;
        Bytes payload;
    };
    Slot& slot(std::uint16_t sequence) { return m_slots[sequence % kSlots]; }
    void drop(std::uint16_t sequence);
    void shorten();

    std::array<Slot, kSlots> m_slots;
    std::size_t m_count = 0;
    std::size_t m_waited = 0;
    std::uint16_t m_next = 0; ///< to be taken
    bool m_known = false;     ///< m_next means something
    bool m_runs = false;
};

} // namespace sr::media
