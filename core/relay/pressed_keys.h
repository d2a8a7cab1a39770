// SPDX-License-Identifier: GPL-3.0-or-later
// Keys that a device has told by signalling go on as events in its stream (RFC 4733), in place of its sound.
#pragma once

#include "core/base/bytes.h"
#include "core/rtp/key_events.h"
#include "core/rtp/packet.h"

#include <array>
#include <cstdint>
#include <vector>

namespace sr::relay {

/// One press, in the clock of the sound that it interrupts.
struct PressedKey {
    std::uint8_t code = 0; ///< RFC 4733 §3.2
    std::uint8_t payloadType = 0;
    std::uint16_t length = 0; ///< [time stamp ticks]
    std::uint16_t frame = 0;  ///< of one packet of sound, about [time stamp ticks]
};

/// Of one direction; one thread. The events have the sequence numbers of the packets that they stand for, so
/// nothing behind them has to be renumbered. A device that sends events itself, and tells its keys twice, is
/// heard once: each key waits for a few packets.
class PressedKeys {
public:
    static constexpr std::size_t kMost = 24; ///< that wait; more are left out

    void press(const PressedKey& key);
    /// The event that goes out instead of `sound`; empty: that goes on itself. Lives until the next call.
    ByteView inPlaceOf(const rtp::PacketView& sound) noexcept;

private:
    static constexpr unsigned kPause = 3; ///< packets of sound before each key

    std::vector<PressedKey> m_keys; ///< no memory in calls without any
    rtp::KeyEvents m_key;           ///< the first, once it is down
    unsigned m_pause = kPause;
    std::uint32_t m_shortTypes = 0; ///< bit n: it has sent packets as short as events of type 96 + n
    std::array<std::byte, rtp::kFixedHeaderBytes + 4> m_event{};
};

} // namespace sr::relay
