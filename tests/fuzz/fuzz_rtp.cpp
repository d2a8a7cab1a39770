// SPDX-License-Identifier: GPL-3.0-or-later
// RTP, RTCP, events and comfort noise; the first octet cuts the input into packets of one stream.
// links: sr::core_rtp sr::core_base
#include "core/rtp/comfort_noise.h"
#include "core/rtp/packet.h"
#include "core/rtp/rtcp.h"
#include "core/rtp/sequence_tracker.h"
#include "core/rtp/telephone_event.h"

#include <array>

using namespace sr;

namespace {

void check(bool good)
{
    if (!good)
        __builtin_trap();
}

void onePacket(ByteView datagram, rtp::TelephoneEventDecoder& events, rtp::SequenceTracker& tracker,
               std::vector<rtp::DigitEvent>& digits)
{
    if (const auto rtcp = rtp::parseRtcp(datagram))
        check(rtcp->packets * 4 <= datagram.size() && rtcp->reports.size() * 24 <= datagram.size());
    const auto packet = rtp::parsePacket(datagram);
    if (!packet)
        return;
    check(packet->payload.size() + rtp::kFixedHeaderBytes <= datagram.size());
    tracker.add(packet->sequenceNumber);
    events.add(*packet, digits);
    if (const auto noise = rtp::parseComfortNoise(packet->payload)) {
        rtp::NoiseGenerator generator(packet->timestamp);
        generator.set(*noise);
        std::array<std::int16_t, 64> samples{};
        generator.fill(samples);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    const std::size_t step = 12 + data[0] % 32U;
    ByteView rest = std::as_bytes(std::span(data, size)).subspan(1);
    rtp::TelephoneEventDecoder events;
    rtp::SequenceTracker tracker;
    std::vector<rtp::DigitEvent> digits;
    onePacket(rest, events, tracker, digits);
    std::size_t packets = 1;
    while (!rest.empty()) {
        const ByteView datagram = rest.first(std::min(step, rest.size()));
        onePacket(datagram, events, tracker, digits);
        rest = rest.subspan(datagram.size());
        ++packets;
    }
    events.finish(digits);
    check(digits.size() <= size); // four octets make at most one digit, twice read
    check(tracker.received() + tracker.duplicates() <= packets + tracker.restarts());
    for (const rtp::DigitEvent& digit : digits)
        check(digit.symbol != '\0');
    return 0;
}
