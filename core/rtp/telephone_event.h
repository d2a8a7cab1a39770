// SPDX-License-Identifier: GPL-3.0-or-later
// Digits out of RFC 4733 events: many packets, some lost, repeated or late, are one key press.
#pragma once

#include "core/rtp/packet.h"

#include <array>
#include <optional>
#include <vector>

namespace sr::rtp {

/// The four octets of one event (RFC 4733 §2.3).
struct TelephoneEvent {
    std::uint8_t code = 0;      ///< 0-15 DTMF, 16 flash, others are tones (RFC 4733 §3.2, RFC 4734)
    bool end = false;           ///< E bit
    std::uint8_t volume = 0;    ///< [-dBm0]
    std::uint16_t duration = 0; ///< [time stamp ticks] of this segment so far
};

/// First event of a payload; nothing if it is shorter than four octets.
std::optional<TelephoneEvent> parseTelephoneEvent(ByteView payload) noexcept;

inline constexpr std::uint8_t kUsualVolume = 10; ///< [-dBm0], chosen: that of our tones
/// As parseTelephoneEvent() reads it.
std::array<std::byte, 4> payloadOf(const TelephoneEvent& event) noexcept;

/// `0`-`9` `*` `#` `A`-`D` and `!` for flash; 0 for tones that no key makes.
char digitSymbol(std::uint8_t code) noexcept;
/// The way back; nothing for what is no key.
std::optional<std::uint8_t> eventCode(char symbol) noexcept;

/// One finished key press.
struct DigitEvent {
    char symbol = '0';
    std::uint32_t timestamp = 0; ///< RTP time of its beginning, wraps at 2^32
    std::uint32_t duration = 0;  ///< [time stamp ticks]
    bool operator==(const DigitEvent&) const = default;
};

/// Collects the events of one SSRC. Packets in order of capture, only those of type TELEPHONE-EVENT.
/// A lost first packet costs nothing (every packet carries time and duration), a lost end gives the longest
/// duration seen. Any thread, one at a time; no allocation of its own.
class TelephoneEventDecoder {
public:
    /// Appends what this packet finished to `out`. Payloads too short are ignored.
    void add(const PacketView& packet, std::vector<DigitEvent>& out);
    /// RTP time has passed `timestamp` without the end: closes an event that nothing was heard of since
    /// `patience` ticks after its last known end.
    void advance(std::uint32_t timestamp, std::uint32_t patience, std::vector<DigitEvent>& out);
    /// The stream is over.
    void finish(std::vector<DigitEvent>& out);

private:
    struct Open {
        std::uint8_t code;
        std::uint32_t start;   // RTP time of the first segment
        std::uint32_t segment; // RTP time of the present segment
        std::uint32_t length;  // ticks in this segment so far
    };
    struct Seen {
        std::uint8_t code = 0;
        std::uint32_t segment = 0;
    };
    static constexpr std::size_t kRemembered = 16;

    void addEvent(const TelephoneEvent& event, std::uint32_t timestamp, bool marker,
                  std::vector<DigitEvent>& out);
    bool continues(const TelephoneEvent& event, std::uint32_t timestamp, bool marker) const;
    bool remembered(std::uint8_t code, std::uint32_t timestamp) const;
    void remember(std::uint8_t code, std::uint32_t timestamp);
    void close(std::vector<DigitEvent>& out);

    std::optional<Open> m_open;
    std::array<Seen, kRemembered> m_seen{}; // segments that are over, so that late copies are known
    std::size_t m_seenCount = 0;
};

} // namespace sr::rtp
