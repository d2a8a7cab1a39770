// SPDX-License-Identifier: GPL-3.0-or-later
// SIP texts and RTP packets of made-up calls.
#include "tests/support/capture_builder.h"

#include "core/capture/pcap_writer.h"
#include "core/codec/g711.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

namespace sr::test {
namespace {

UtcTime after(UtcTime time, double secondsLater)
{
    return time + microseconds(static_cast<std::int64_t>(std::llround(secondsLater * 1e6)));
}

Endpoint at(std::uint32_t host, std::uint16_t port)
{
    return {IpAddress::v4(0x0a000000U + host), port};
}

std::string sdpOf(const CallSide& side, const CallPlan& plan)
{
    const std::string host = side.media.address.toString();
    const std::string family = side.media.address.isV4() ? "IP4 " : "IP6 ";
    const std::string type = std::to_string(side.payloadType);
    return "v=0\r\no=- 1 1 IN " + family + host + "\r\ns=-\r\nc=IN " + family + host +
           "\r\nt=0 0\r\nm=audio " + std::to_string(side.media.port) + " RTP/AVP " + type +
           " 101\r\na=rtpmap:101 telephone-event/8000\r\n" + plan.rtpmap +
           "a=ptime:" + std::to_string(side.ptimeMs) + "\r\na=sendrecv\r\n";
}

struct Message {
    std::string start{}; ///< request or status line
    std::string cseq{};
    bool toTag = true;
    bool fromCaller = true; ///< who sends it
    bool reversed = false;  ///< the callee's own request: From and To change places
    std::string extra{};    ///< further headers
    std::string body{};
};

std::string sipText(const CallPlan& plan, const Message& message)
{
    const auto party = [](const CallSide& side, const char* tag) {
        const std::string name = side.name.empty() ? "" : "\"" + side.name + "\" ";
        return name + "<sip:" + side.number + "@example.test>" +
               (tag == nullptr ? "" : std::string(";tag=") + tag);
    };
    const std::string caller = party(plan.caller, "caller-tag");
    const std::string callee = party(plan.callee, message.toTag ? "callee-tag" : nullptr);
    const CallSide& sender = message.fromCaller ? plan.caller : plan.callee;
    std::string text = message.start + "\r\nVia: SIP/2.0/UDP " + sender.sip.toString() + ";branch=z9hG4bK-" +
                       plan.callId.substr(0, plan.callId.find('@')) + "-" +
                       message.cseq.substr(0, message.cseq.find(' ')) +
                       "\r\nFrom: " + (message.reversed ? callee : caller) +
                       "\r\nTo: " + (message.reversed ? caller : callee) + "\r\nCall-ID: " + plan.callId +
                       "\r\nCSeq: " + message.cseq + "\r\nContact: <sip:" + sender.number + "@" +
                       sender.sip.toString() + ">\r\nMax-Forwards: 70\r\n" + message.extra;
    if (!message.body.empty())
        text += "Content-Type: application/sdp\r\n";
    return text + "Content-Length: " + std::to_string(message.body.size()) + "\r\n\r\n" + message.body;
}

Bytes rtpPacket(std::uint8_t type, bool marker, std::uint16_t sequence, std::uint32_t timestamp,
                std::uint32_t ssrc, ByteView payload)
{
    Bytes packet(12 + payload.size());
    packet[0] = std::byte{0x80};
    packet[1] = static_cast<std::byte>(type | (marker ? 0x80U : 0U));
    storeBe(packet.data() + 2, sequence);
    storeBe(packet.data() + 4, timestamp);
    storeBe(packet.data() + 8, ssrc);
    std::ranges::copy(payload, packet.begin() + 12);
    return packet;
}

bool muted(const CallSide& side, double second)
{
    return std::ranges::any_of(
        side.mutes, [second](const auto& mute) { return second >= mute.first && second < mute.second; });
}

void check(const Status& status)
{
    if (!status)
        throw std::runtime_error(status.error().text());
}

} // namespace

std::function<std::int16_t(std::uint64_t)> tone(double hz, double level)
{
    return [hz, level](std::uint64_t sample) {
        const double phase = 2 * std::numbers::pi * hz * static_cast<double>(sample) / 8000.0;
        return static_cast<std::int16_t>(std::lround(32767 * level * std::sin(phase)));
    };
}

CallPlan usualCall(UtcTime start)
{
    CallPlan plan;
    plan.start = start;
    plan.caller = {.number = "24", .name = "Front desk", .sip = at(24, 5060), .media = at(24, 4000)};
    plan.caller.voice = tone(440);
    plan.callee = {.number = "0703173009", .name = "", .sip = at(1, 5060), .media = at(1, 20000)};
    plan.callee.voice = tone(880);
    return plan;
}

void CaptureBuilder::add(UtcTime time, const Endpoint& from, const Endpoint& to, ByteView payload)
{
    m_packets.push_back({time, from, to, Bytes(payload.begin(), payload.end())});
}

void CaptureBuilder::addText(UtcTime time, const Endpoint& from, const Endpoint& to, std::string_view text)
{
    add(time, from, to, bytesOf(text));
}

void CaptureBuilder::addSip(const CallPlan& plan)
{
    const auto send = [&](double second, const Message& message) {
        const Endpoint& from = message.fromCaller ? plan.caller.sip : plan.callee.sip;
        const Endpoint& to = message.fromCaller ? plan.callee.sip : plan.caller.sip;
        addText(after(plan.start, second), from, to, sipText(plan, message));
    };
    const std::string target = " sip:" + plan.callee.number + "@example.test SIP/2.0";
    const std::string offer = sdpOf(plan.caller, plan);
    const std::string invite = plan.authenticate ? "2 INVITE" : "1 INVITE";
    if (plan.authenticate) {
        send(-0.03, {.start = "INVITE" + target, .cseq = "1 INVITE", .toTag = false, .body = offer});
        send(-0.02, {.start = "SIP/2.0 407 Proxy Authentication Required",
                     .cseq = "1 INVITE",
                     .fromCaller = false,
                     .extra = "Proxy-Authenticate: Digest realm=\"test\", nonce=\"1\"\r\n"});
        send(-0.01, {.start = "ACK" + target, .cseq = "1 ACK"});
    }
    send(0, {.start = "INVITE" + target, .cseq = invite, .toTag = false, .body = offer});
    send(0.02, {.start = "SIP/2.0 100 Trying", .cseq = invite, .toTag = false, .fromCaller = false});
    send(0.1, {.start = "SIP/2.0 180 Ringing", .cseq = invite, .fromCaller = false});
    const double answer = 0.1 + plan.ringSeconds;
    const std::string number = invite.substr(0, 1);
    if (!plan.answered) {
        send(answer, {.start = "CANCEL" + target, .cseq = number + " CANCEL", .toTag = false});
        send(answer + 0.01, {.start = "SIP/2.0 200 OK", .cseq = number + " CANCEL", .fromCaller = false});
        send(answer + 0.02, {.start = "SIP/2.0 487 Request Terminated", .cseq = invite, .fromCaller = false});
        send(answer + 0.03, {.start = "ACK" + target, .cseq = number + " ACK"});
        return;
    }
    send(answer,
         {.start = "SIP/2.0 200 OK", .cseq = invite, .fromCaller = false, .body = sdpOf(plan.callee, plan)});
    send(answer + 0.005, {.start = "ACK" + target, .cseq = number + " ACK"});
    const double end = answer + plan.talkSeconds;
    send(end, {.start = "BYE sip:" + plan.caller.number + "@example.test SIP/2.0",
               .cseq = "9 BYE",
               .fromCaller = false,
               .reversed = true});
    send(end + 0.01, {.start = "SIP/2.0 200 OK", .cseq = "9 BYE", .fromCaller = true, .reversed = true});
}

void CaptureBuilder::addVoice(const CallPlan& plan, const CallSide& side, const Endpoint& to,
                              std::uint32_t ssrc)
{
    const UtcTime answer = after(plan.start, 0.1 + plan.ringSeconds);
    const unsigned samples = side.ptimeMs * 8;
    const double period = side.ptimeMs / 1000.0 / (1 + side.clockPpm / 1e6);
    std::mt19937 random(ssrc);
    std::uniform_real_distribution<double> jitter(0, side.jitterMs / 1000.0);
    Bytes payload(samples);
    // The first packet leaves when its first samples have been spoken.
    for (std::uint64_t n = 0; static_cast<double>(n + 1) * period < plan.talkSeconds; ++n) {
        const double spoken = static_cast<double>(n) * period;
        if (muted(side, spoken) || (side.loseEvery != 0 && n % side.loseEvery == side.loseEvery - 1))
            continue;
        if (side.payload) {
            payload = side.payload(n);
        } else {
            const auto law = side.payloadType == 0 ? codec::Law::U : codec::Law::A;
            for (unsigned i = 0; i < samples; ++i)
                payload[i] =
                    codec::encodeG711(law, side.voice ? side.voice(n * samples + i) : std::int16_t{0});
        }
        const Bytes packet = rtpPacket(side.payloadType, n == 0, static_cast<std::uint16_t>(n + 7),
                                       static_cast<std::uint32_t>(n * samples + 1000), ssrc, payload);
        const UtcTime time = after(answer, spoken + period + jitter(random));
        add(time, side.media, to, packet);
        if (side.doubled)
            add(time + microseconds(30), side.media, to, packet);
    }
}

void CaptureBuilder::addDigits(const CallPlan& plan)
{
    static constexpr std::string_view kSymbols = "0123456789*#ABCD";
    const UtcTime answer = after(plan.start, 0.1 + plan.ringSeconds);
    std::uint16_t sequence = 50'000;
    for (std::size_t i = 0; i < plan.digits.size(); ++i) {
        const double begin = 2.0 + static_cast<double>(i);
        const auto timestamp = static_cast<std::uint32_t>(begin * 8000) + 1000;
        for (unsigned n = 1; n <= 8;
             ++n) { // 5 packets of 20 ms, then the end three times (RFC 4733 §2.5.1.4)
            const unsigned duration = std::min(n, 6U) * 160;
            const bool end = n >= 6;
            std::array<std::byte, 4> event{};
            event[0] = static_cast<std::byte>(kSymbols.find(plan.digits[i]));
            event[1] = static_cast<std::byte>(end ? 0x8aU : 0x0aU);
            storeBe(event.data() + 2, static_cast<std::uint16_t>(duration));
            add(after(answer, begin + 0.02 * std::min(n, 6U) + 0.0001 * n), plan.caller.media,
                plan.callee.media, rtpPacket(101, n == 1, sequence++, timestamp, 0x0d0d0d0d, event));
        }
    }
}

void CaptureBuilder::addCall(const CallPlan& plan)
{
    addSip(plan);
    if (!plan.answered)
        return;
    const auto base = static_cast<std::uint32_t>(std::hash<std::string>{}(plan.callId));
    addVoice(plan, plan.caller, plan.callee.media, base | 1U);
    addVoice(plan, plan.callee, plan.caller.media, base & ~1U);
    addDigits(plan);
}

Bytes CaptureBuilder::pcap() const
{
    std::vector<const Packet*> order;
    for (const Packet& packet : m_packets)
        order.push_back(&packet);
    std::ranges::stable_sort(order, {}, &Packet::time);
    MemorySink sink;
    auto writer = capture::PcapWriter::create(sink);
    if (!writer)
        throw std::runtime_error(writer.error().text());
    for (const Packet* packet : order)
        check(writer->add(packet->time, packet->from, packet->to, packet->payload));
    return sink.take();
}

void CaptureBuilder::save(const Path& file) const
{
    auto out = File::open(file, OpenMode::CreateNew);
    if (!out)
        throw std::runtime_error(out.error().text());
    check((*out)->write(pcap()));
}

} // namespace sr::test
