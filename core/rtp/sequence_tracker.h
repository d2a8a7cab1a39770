// SPDX-License-Identifier: GPL-3.0-or-later
// Sequence numbers of one SSRC without wrap (RFC 3550 §A.1): loss, duplicates, late packets and restarts.
#pragma once

#include <bitset>
#include <cstdint>

namespace sr::rtp {

/// One packet's place in its stream.
struct SequencePlace {
    enum class Kind : std::uint8_t {
        First,     ///< of the stream
        Next,      ///< follows the highest so far
        Gap,       ///< follows after some that are missing
        Late,      ///< fills an earlier gap
        Duplicate, ///< seen before, or too late to tell
        Probation, ///< far from the others: a stray, unless its successor comes next
        Restart,   ///< second in a row far from the others: the sender began anew
    };
    Kind kind = Kind::First;
    std::uint64_t extended = 0; ///< number without wrap; rises over restarts too
};

/// Not thread-safe, wait-free, no allocation.
class SequenceTracker {
public:
    static constexpr std::uint16_t kMaxDropout = 3000; ///< RFC 3550 §A.1: forward step that is still a gap
    static constexpr std::uint16_t kMaxLate = 1000;    ///< backward step that is still lateness
    static constexpr std::size_t kWindow = 4096;       ///< numbers remembered, above both

    SequencePlace add(std::uint16_t number);

    std::uint64_t received() const { return m_received; }     ///< different packets, strays left out
    std::uint64_t duplicates() const { return m_duplicates; } ///< packets
    std::uint64_t late() const { return m_late; }             ///< packets that filled a gap
    std::uint64_t restarts() const { return m_restarts; }
    std::uint64_t lost() const; ///< never seen between first and highest, over all restarts

private:
    void begin(std::uint64_t extended);
    void climbTo(std::uint64_t extended);

    std::bitset<kWindow> m_seen; // by extended number modulo kWindow
    std::uint64_t m_first = 0;   // extended, of the present run
    std::uint64_t m_highest = 0;
    std::uint64_t m_received = 0;
    std::uint64_t m_expectedBefore = 0; // of runs that are over
    std::uint64_t m_duplicates = 0;
    std::uint64_t m_late = 0;
    std::uint64_t m_restarts = 0;
    std::uint32_t m_awaited = kNone; // successor of a stray
    bool m_started = false;
    static constexpr std::uint32_t kNone = 0x10000;
};

} // namespace sr::rtp
