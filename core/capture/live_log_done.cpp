// SPDX-License-Identifier: GPL-3.0-or-later
// Words of the list of archived calls, and the look at each datagram.
#include "core/capture/live_log_done.h"

#include "core/capture/rtp_probe.h"
#include "core/capture/sip_message.h"

#include <algorithm>
#include <charconv>

namespace sr::capture {
namespace {

std::string textOf(UtcTime time)
{
    return std::to_string(time.time_since_epoch().count());
}

std::string textOf(const Endpoint& endpoint)
{
    return toHex(std::as_bytes(std::span(endpoint.address.octets))) + " " + std::to_string(endpoint.port);
}

/// Words of a line; a word that is not what was asked for makes all further ones fail.
class Words {
public:
    explicit Words(std::string_view line)
        : m_rest(line)
    {}
    bool good() const { return m_good; }
    bool atEnd() const { return m_rest.empty(); }
    std::string_view word()
    {
        const auto end = std::min(m_rest.find(' '), m_rest.size());
        const std::string_view out = m_rest.substr(0, end);
        m_rest.remove_prefix(std::min(end + 1, m_rest.size()));
        m_good = m_good && !out.empty();
        return out;
    }
    template <typename T>
    T number()
    {
        const std::string_view digits = word();
        T value{};
        const auto got = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        m_good = m_good && got.ec == std::errc{} && got.ptr == digits.data() + digits.size();
        return value;
    }
    UtcTime time() { return UtcTime(microseconds(number<std::int64_t>())); }
    Bytes octets()
    {
        auto bytes = fromHex(word());
        m_good = m_good && bytes.has_value();
        return bytes ? std::move(*bytes) : Bytes();
    }
    Endpoint endpoint()
    {
        Endpoint out;
        const Bytes address = octets();
        m_good = m_good && address.size() == out.address.octets.size();
        if (m_good)
            std::memcpy(out.address.octets.data(), address.data(), address.size());
        out.port = number<std::uint16_t>();
        return out;
    }

private:
    std::string_view m_rest;
    bool m_good = true;
};

} // namespace

UtcTime lastOf(const CapturedCall& call)
{
    UtcTime last = call.ended;
    for (const CallStream& stream : call.streams)
        last = std::max(last, stream.rtp.last);
    return last;
}

std::string doneLine(const CapturedCall& call)
{
    std::string line = "C " + textOf(lastOf(call)) + " " + toHex(bytesOf("=" + call.callId));
    for (const CallStream& stream : call.streams)
        line += " " + textOf(stream.rtp.first) + " " + textOf(stream.rtp.last) + " " +
                textOf(stream.rtp.from) + " " + textOf(stream.rtp.to) + " " + std::to_string(stream.rtp.ssrc);
    return line + "\n";
}

void DoneFilter::add(std::string_view lines)
{
    for (auto end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
        read(lines.substr(0, end));
        lines.remove_prefix(end + 1);
    } // a writer that died leaves a line without an end
}

void DoneFilter::read(std::string_view line)
{
    Words words(line);
    if (words.word() != "C")
        return;
    const UtcTime last = words.time();
    const Bytes callId = words.octets(); // behind a `=`, as a call without signalling has none
    std::vector<std::pair<StreamKey, Span>> streams;
    while (words.good() && !words.atEnd()) {
        const UtcTime first = words.time();
        const UtcTime until = words.time();
        const Endpoint from = words.endpoint();
        const Endpoint to = words.endpoint();
        streams.push_back({{from, to, words.number<std::uint32_t>()}, {first, until}});
    }
    if (!words.good() || callId.empty())
        return;
    if (callId.size() > 1)
        m_calls[std::string(sr::textOf(callId).substr(1))] = last;
    for (const auto& [key, span] : streams)
        if (++m_streamCount <= kMostStreams)
            m_streams[key].push_back(span);
}

bool DoneFilter::isDone(const Datagram& datagram) const
{
    if (!datagram.stream && looksOf(datagram.payload) == Looks::Rtp) {
        const auto found = m_streams.find({datagram.from, datagram.to, rtpHead(datagram.payload).ssrc});
        return found != m_streams.end() && std::ranges::any_of(found->second, [&](const Span& span) {
                   return datagram.time >= span.first && datagram.time <= span.last + kStragglers;
               });
    }
    const auto message = SipMessage::parse(sr::textOf(datagram.payload));
    if (!message)
        return false;
    const auto found = m_calls.find(std::string(message->callId()));
    return found != m_calls.end() && datagram.time <= found->second + kStragglers;
}

void DoneFilter::take(const Datagram& datagram)
{
    if (!isDone(datagram))
        m_next->take(datagram);
}

} // namespace sr::capture
