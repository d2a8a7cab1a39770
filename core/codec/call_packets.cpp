// SPDX-License-Identifier: GPL-3.0-or-later
// Reads stored packets: keys, payload formats, durations, digits and comfort noise.
#include "core/codec/call_packets.h"

#include "core/rtp/telephone_event.h"

#include <algorithm>
#include <cstring>

namespace sr::codec {
namespace {

constexpr std::uint8_t kFirstRtcpType = 64; // RFC 5761 §4: RTCP on the RTP port looks like types 64 to 95
constexpr std::uint8_t kLastRtcpType = 95;
constexpr std::uint32_t kEventPatience = 8000; // [ticks] an event whose end is lost closes after this
constexpr std::size_t kMaxPackets = std::size_t{1} << 31;
constexpr std::size_t kReserve = std::size_t{1} << 22; // [packets] trusted from the stream's own count
constexpr UtcTime kNever = UtcTime::max();

/// parsePacket() with a short way for the plain header that nearly every packet has: no padding, extension or
/// contributing sources (RFC 3550 §5.1). The SSRC is that of the stream and not read here.
bool readHeader(const std::byte* head, ByteView datagram, rtp::PacketView& view)
{
    if (datagram.size() < rtp::kFixedHeaderBytes)
        return false;
    if (head[0] != std::byte{0x80}) {
        const auto parsed = rtp::parsePacket(datagram);
        if (parsed)
            view = *parsed;
        return static_cast<bool>(parsed);
    }
    view.payload = datagram.subspan(rtp::kFixedHeaderBytes);
    view.timestamp = loadBe<std::uint32_t>(head + 4);
    view.sequenceNumber = loadBe<std::uint16_t>(head + 2);
    view.payloadType = std::to_integer<std::uint8_t>(head[1] & std::byte{0x7f});
    view.marker = (head[1] & std::byte{0x80}) != std::byte{0};
    return true;
}

SoundFormat describe(const rtp::PayloadFormat& format)
{
    SoundFormat sound;
    sound.format = format;
    if (format.clockRate == 0)
        return sound;
    if (format.encoding == "TELEPHONE-EVENT") {
        sound.kind = rtp::PacketKind::Event;
        return sound;
    }
    if (format.encoding == "CN") {
        sound.kind = rtp::PacketKind::ComfortNoise;
        return sound;
    }
    if ((format.encoding == "PCMA" || format.encoding == "PCMU") && format.clockRate == 8000 &&
        format.channels == 1) {
        sound.kind = rtp::PacketKind::Audio;
        sound.law = format.encoding == "PCMA" ? Law::A : Law::U;
        return sound;
    }
    auto meter = PayloadDecoder::open(format);
    if (!meter || (*meter)->sampleRate() == 0)
        return sound;
    sound.kind = rtp::PacketKind::Audio;
    sound.hasSid = format.encoding == "G729";
    sound.sampleRate = (*meter)->sampleRate();
    sound.meter = std::move(*meter);
    return sound;
}

} // namespace

SoundFormats::SoundFormats()
{
    m_formats.emplace_back();
    m_formats.back().format.clockRate = 8000;
}

std::uint8_t SoundFormats::numberOf(const rtp::PayloadFormat& format)
{
    const auto known =
        std::ranges::find_if(m_formats, [&format](const SoundFormat& one) { return one.format == format; });
    if (known != m_formats.end())
        return static_cast<std::uint8_t>(known - m_formats.begin());
    if (m_formats.size() == kMax)
        return 0;
    m_formats.push_back(describe(format));
    return static_cast<std::uint8_t>(m_formats.size() - 1);
}

std::vector<rtp::TimelineFormat> SoundFormats::clocks() const
{
    std::vector<rtp::TimelineFormat> clocks;
    for (const SoundFormat& one : m_formats)
        clocks.push_back({std::max(one.format.clockRate, 1U), one.sampleRate});
    return clocks;
}

StreamParser::StreamParser(const rtp::RtpStream& stream, SoundFormats& formats)
    : m_stream(stream)
    , m_formats(formats)
    , m_clearer(stream)
    , m_encrypted(m_clearer.encrypted())
{
    enterEpoch(UtcTime::min());
}

void StreamParser::enterEpoch(UtcTime captured)
{
    m_table.fill(kUnasked);
    m_epoch = m_stream.epochs.empty() ? nullptr : &m_stream.epochs.front();
    m_epochEnd = kNever;
    for (const rtp::MediaEpoch& epoch : m_stream.epochs) {
        if (epoch.since <= captured)
            m_epoch = &epoch;
        else if (&epoch != &m_stream.epochs.front())
            m_epochEnd = std::min(m_epochEnd, epoch.since);
    }
}

/// What the signalling of this moment says; else any other moment's word, else RFC 3551.
std::uint8_t StreamParser::lookUp(std::uint8_t payloadType)
{
    const auto find = [&](const rtp::MediaEpoch& epoch) -> const rtp::PayloadFormat* {
        const auto found = epoch.formats.find(payloadType);
        return found == epoch.formats.end() ? nullptr : &found->second;
    };
    const rtp::PayloadFormat* format = m_epoch != nullptr ? find(*m_epoch) : nullptr;
    for (auto epoch = m_stream.epochs.rbegin(); epoch != m_stream.epochs.rend() && format == nullptr; ++epoch)
        format = find(*epoch);
    std::uint8_t number = 0;
    if (format != nullptr)
        number = m_formats.numberOf(*format);
    else if (const auto fixed = rtp::staticFormat(payloadType))
        number = m_formats.numberOf(*fixed);
    m_table[payloadType] = number;
    return number;
}

PacketVerdict StreamParser::parse(const rtp::PacketHead& packet, rtp::PacketView& view, std::uint8_t& format)
{
    if (packet.captured >= m_epochEnd)
        enterEpoch(packet.captured);
    PacketVerdict verdict = PacketVerdict::Clear;
    ByteView clear = packet.datagram;
    const std::byte* head = packet.head;
    if (m_encrypted) {
        if (const auto opened = m_clearer.clear(packet.captured, packet.datagram)) {
            clear = *opened;
            head = clear.data();
        } else {
            verdict = opened.error() == rtp::SrtpErrc::Duplicate ? PacketVerdict::Repeated
                                                                 : PacketVerdict::Undecodable;
        }
    }
    m_lastType = kNoType;
    if (!readHeader(head, clear, view))
        return PacketVerdict::NotRtp;
    format = m_table[view.payloadType];
    if (format == kUnasked)
        format = lookUp(view.payloadType);
    if (format == 0 && view.payloadType >= kFirstRtcpType && view.payloadType <= kLastRtcpType)
        return PacketVerdict::NotRtp;
    if (!m_encrypted)
        m_lastType = view.payloadType;
    return verdict;
}

namespace {

/// First pass over one stream.
class StreamScan {
public:
    StreamScan(const CallAudioInput& input, SoundFormats& formats, CallPackets& call, std::size_t party,
               const rtp::RtpStream& stream)
        : m_start(input.start)
        , m_formats(formats)
        , m_call(call)
        , m_party(party)
        , m_index(call.streams.size())
        , m_parser(stream, formats)
        , m_heard(SoundFormats::kMax)
    {
        for (const std::uint8_t format : call.heard[party])
            m_heard[format] = true;
    }

    void take(const rtp::PacketHead& stored)
    {
        rtp::TimedPacket& packet = m_call.packets.emplace_back();
        packet.captured = (stored.captured - m_start).count();
        if (m_g711 && m_parser.repeats(stored)) { // nearly every packet
            packet.timestamp = loadBe<std::uint32_t>(stored.head + 4);
            packet.sequence = loadBe<std::uint16_t>(stored.head + 2);
            packet.samples = static_cast<std::uint32_t>(stored.datagram.size() - rtp::kFixedHeaderBytes);
            packet.kind = rtp::PacketKind::Audio;
            packet.format = m_lastFormat;
            return;
        }
        rtp::PacketView view;
        const PacketVerdict verdict = m_parser.parse(stored, view, packet.format);
        if (verdict == PacketVerdict::NotRtp) {
            m_g711 = false;
            packet.kind = rtp::PacketKind::Invalid;
            return;
        }
        packet.timestamp = view.timestamp;
        packet.sequence = view.sequenceNumber;
        const SoundFormat& sound = m_formats[packet.format];
        const bool known = verdict == PacketVerdict::Clear && sound.kind != rtp::PacketKind::Other;
        if (known && sound.law && !view.payload.empty()) { // nearly every packet
            packet.kind = rtp::PacketKind::Audio;
            packet.samples = static_cast<std::uint32_t>(view.payload.size());
        } else if (known) {
            describe(packet, sound, view);
        } else if (verdict != PacketVerdict::Repeated && !view.payload.empty()) {
            countUndecodable(packet);
            if (verdict == PacketVerdict::Undecodable && packet.captured >= 0)
                ++m_call.locked[m_party];
        }
        if (packet.samples > 0 && !m_heard[packet.format] && packet.captured >= 0) {
            m_heard[packet.format] = true;
            m_call.heard[m_party].push_back(packet.format);
        }
        m_g711 = known && sound.law && m_heard[packet.format] && !m_eventSeen;
        m_lastFormat = packet.format;
        if (m_eventSeen && packet.kind == rtp::PacketKind::Audio)
            m_events.advance(packet.timestamp, kEventPatience, m_digits);
    }

    void finish()
    {
        m_events.finish(m_digits);
        for (const rtp::DigitEvent& digit : m_digits) {
            const std::uint64_t ms = std::uint64_t{digit.duration} * 1000 / m_eventClock;
            m_call.keys.push_back({m_index, digit.symbol, digit.timestamp, static_cast<std::uint32_t>(ms)});
        }
    }

private:
    void countUndecodable(const rtp::TimedPacket& packet)
    {
        m_call.undecodable[m_party] += packet.captured >= 0 ? 1 : 0;
    }

    void describe(rtp::TimedPacket& packet, const SoundFormat& sound, const rtp::PacketView& view)
    {
        packet.kind = sound.kind;
        if (sound.kind == rtp::PacketKind::Event) {
            m_eventSeen = true;
            m_eventClock = std::max(sound.format.clockRate, 1U);
            m_events.add(view, m_digits);
        } else if (sound.kind == rtp::PacketKind::ComfortNoise) {
            CallPackets::Noise noise{};
            noise.packet = static_cast<std::uint32_t>(m_call.packets.size() - 1);
            noise.size = static_cast<std::uint8_t>(std::min(view.payload.size(), noise.payload.size()));
            std::copy_n(view.payload.begin(), noise.size, noise.payload.begin());
            m_call.noise.push_back(noise);
        } else if (view.payload.empty()) {
            packet.kind = rtp::PacketKind::Other;
        } else {
            packet.samples = sound.meter ? sound.meter->durationOf(view.payload) : 0;
            if (packet.samples == 0) {
                packet.kind = rtp::PacketKind::Other;
                countUndecodable(packet);
            } else if (sound.hasSid && view.payload.size() % 10 == 2) {
                packet.kind = rtp::PacketKind::Sid; // G.729 Annex B: frames of 10 octets, then one of 2
            }
        }
    }

    UtcTime m_start;
    SoundFormats& m_formats;
    CallPackets& m_call;
    std::size_t m_party;
    std::size_t m_index;
    StreamParser m_parser;
    std::vector<bool> m_heard; // by format
    bool m_g711 = false;       // so was the last packet, heard before, and there is no key to be waited for
    std::uint8_t m_lastFormat = 0;
    rtp::TelephoneEventDecoder m_events;
    std::vector<rtp::DigitEvent> m_digits;
    std::uint32_t m_eventClock = 8000;
    bool m_eventSeen = false;
};

} // namespace

Result<CallPackets> readCallPackets(const CallAudioInput& input, SoundFormats& formats)
{
    CallPackets call;
    std::uint64_t promised = 0;
    for (const auto& party : input.party) {
        for (const rtp::RtpStream& stream : party)
            promised += stream.packets;
    }
    call.packets.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(promised, kReserve)));
    for (std::size_t party = 0; party < input.party.size(); ++party) {
        for (const rtp::RtpStream& stream : input.party[party]) {
            if (stream.source == nullptr)
                continue;
            StreamScan scan(input, formats, call, party, stream);
            const std::size_t first = call.packets.size();
            const Status visited = stream.source->visitHeads([&](const rtp::PacketHead& packet) {
                if (call.packets.size() < kMaxPackets)
                    scan.take(packet);
            });
            if (!visited)
                return visited.error();
            if (call.packets.size() == kMaxPackets)
                return fail(BaseErrc::TooLarge, "call of more than 2^31 packets");
            scan.finish();
            call.streams.push_back({first, call.packets.size() - first, party, stream.ssrc});
            call.sources.push_back(&stream);
        }
    }
    return call;
}

} // namespace sr::codec
