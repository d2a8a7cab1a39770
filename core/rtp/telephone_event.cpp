// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 4733 receiver: repeats of the end (§2.5.1.4), long events in segments (§2.5.1.3), several events in one
// packet (§2.5.1.5).
#include "core/rtp/telephone_event.h"

#include <algorithm>
#include <string_view>

namespace sr::rtp {
namespace {

constexpr std::size_t kEventBytes = 4;
constexpr std::string_view kSymbols = "0123456789*#ABCD!"; // by code, RFC 4733 3.2
constexpr std::uint32_t kSegmentTicks = 0xffff;            // longest segment, §2.5.1.3

} // namespace

std::optional<TelephoneEvent> parseTelephoneEvent(ByteView payload) noexcept
{
    if (payload.size() < kEventBytes)
        return std::nullopt;
    const auto flags = std::to_integer<std::uint8_t>(payload[1]);
    return TelephoneEvent{.code = std::to_integer<std::uint8_t>(payload[0]),
                          .end = (flags & 0x80) != 0,
                          .volume = static_cast<std::uint8_t>(flags & 0x3f),
                          .duration = loadBe<std::uint16_t>(payload.data() + 2)};
}

std::array<std::byte, 4> payloadOf(const TelephoneEvent& event) noexcept
{
    std::array<std::byte, kEventBytes> payload{
        std::byte{event.code}, static_cast<std::byte>((event.volume & 0x3fU) | (event.end ? 0x80U : 0U))};
    storeBe<std::uint16_t>(&payload[2], event.duration);
    return payload;
}

char digitSymbol(std::uint8_t code) noexcept
{
    return code < kSymbols.size() ? kSymbols[code] : '\0';
}

std::optional<std::uint8_t> eventCode(char symbol) noexcept
{
    const std::size_t at = kSymbols.find(symbol);
    return at != kSymbols.npos ? std::optional(static_cast<std::uint8_t>(at)) : std::nullopt;
}

void TelephoneEventDecoder::add(const PacketView& packet, std::vector<DigitEvent>& out)
{
    ByteView rest = packet.payload;
    std::uint32_t timestamp = packet.timestamp;
    bool marker = packet.marker;
    // §2.5.1.5: events of one packet follow each other without a gap.
    while (const auto event = parseTelephoneEvent(rest)) {
        addEvent(*event, timestamp, marker, out);
        timestamp += event->duration;
        marker = false;
        rest = rest.subspan(kEventBytes);
    }
}

void TelephoneEventDecoder::addEvent(const TelephoneEvent& event, std::uint32_t timestamp, bool marker,
                                     std::vector<DigitEvent>& out)
{
    if (digitSymbol(event.code) == '\0' || remembered(event.code, timestamp))
        return;
    if (m_open && m_open->code == event.code && m_open->segment == timestamp) {
        m_open->length = std::max<std::uint32_t>(m_open->length, event.duration);
    } else if (continues(event, timestamp, marker)) {
        remember(event.code, m_open->segment);
        m_open->segment = timestamp;
        m_open->length = event.duration;
    } else if (m_open && timestampAfter(m_open->segment, timestamp)) {
        // Overtaken by its successor: all we will learn of it stands here.
        remember(event.code, timestamp);
        out.push_back({digitSymbol(event.code), timestamp, event.duration});
        return;
    } else {
        close(out);
        m_open = Open{event.code, timestamp, timestamp, event.duration};
    }
    if (event.end)
        close(out);
}

/// The next segment of a long event starts where the last one reached its longest, without marker.
bool TelephoneEventDecoder::continues(const TelephoneEvent& event, std::uint32_t timestamp, bool marker) const
{
    if (!m_open || m_open->code != event.code || marker)
        return false;
    const std::uint32_t step = timestamp - m_open->segment;
    return step != 0 && (step == kSegmentTicks || (step == m_open->length && step >= kSegmentTicks / 2));
}

bool TelephoneEventDecoder::remembered(std::uint8_t code, std::uint32_t timestamp) const
{
    const std::size_t count = std::min(m_seenCount, m_seen.size());
    return std::any_of(m_seen.begin(), m_seen.begin() + static_cast<std::ptrdiff_t>(count),
                       [&](const Seen& s) { return s.code == code && s.segment == timestamp; });
}

void TelephoneEventDecoder::remember(std::uint8_t code, std::uint32_t timestamp)
{
    m_seen[m_seenCount % m_seen.size()] = {code, timestamp};
    ++m_seenCount;
}

void TelephoneEventDecoder::close(std::vector<DigitEvent>& out)
{
    if (!m_open)
        return;
    remember(m_open->code, m_open->segment);
    out.push_back(
        {digitSymbol(m_open->code), m_open->start, (m_open->segment - m_open->start) + m_open->length});
    m_open.reset();
}

void TelephoneEventDecoder::advance(std::uint32_t timestamp, std::uint32_t patience,
                                    std::vector<DigitEvent>& out)
{
    if (m_open && timestampAfter(timestamp, m_open->segment + m_open->length + patience))
        close(out);
}

void TelephoneEventDecoder::finish(std::vector<DigitEvent>& out)
{
    close(out);
}

} // namespace sr::rtp
