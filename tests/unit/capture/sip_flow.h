// SPDX-License-Identifier: GPL-3.0-or-later
// A little language for SIP flows in tests: who sends what when, in readable lines, run through the tracker.
#pragma once

#include "core/capture/call_tracker.h"

#include <algorithm>
#include <string>
#include <vector>

namespace sr::capture::test {

inline UtcTime at(double seconds)
{
    constexpr std::int64_t kStart = 1'700'000'000'000'000; // any day will do
    return UtcTime(microseconds(kStart + static_cast<std::int64_t>(seconds * 1e6 + 0.5)));
}
inline double secondsOf(UtcTime time)
{
    return static_cast<double>((time - at(0)).count()) / 1e6;
}

/// `10.0.0.1:4000`, or with the SIP port where none is said.
inline Endpoint ep(const std::string& text)
{
    const std::size_t colon = text.rfind(':');
    const auto address = IpAddress::parse(text.substr(0, colon));
    return {address.value(), static_cast<std::uint16_t>(
                                 colon == std::string::npos ? 5060 : std::stoi(text.substr(colon + 1)))};
}

/// Session description with G.711 A-law and telephone-event.
inline std::string sdp(const std::string& address, int port, const std::string& attributes = "a=sendrecv\r\n",
                       const std::string& types = "8 101")
{
    return "v=0\r\no=- 1 1 IN IP4 " + address + "\r\ns=-\r\nc=IN IP4 " + address + "\r\nt=0 0\r\nm=audio " +
           std::to_string(port) + " RTP/AVP " + types +
           "\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n" + attributes;
}

/// One message of the dialog that 100 (tag ta) began with 200 (tag tb).
struct Sip {
    std::string start;
    std::string method;
    int cseq = 1;
    std::string id = "call-1";
    std::string fromUri = "<sip:100@pbx.example>";
    std::string toUri = "<sip:200@pbx.example>";
    std::string fromTag = "ta";
    std::string toTag;
    std::string via = "z9hG4bK-1";
    std::string more;
    std::string body;

    Sip call(std::string value) const { return with(&Sip::id, std::move(value)); }
    Sip from(std::string value) const { return with(&Sip::fromUri, std::move(value)); }
    Sip to(std::string value) const { return with(&Sip::toUri, std::move(value)); }
    Sip ft(std::string value) const { return with(&Sip::fromTag, std::move(value)); }
    Sip tt(std::string value = "tb") const { return with(&Sip::toTag, std::move(value)); }
    Sip branch(std::string value) const { return with(&Sip::via, std::move(value)); }
    Sip header(const std::string& line) const { return with(&Sip::more, more + line + "\r\n"); }
    Sip with(std::string value) const { return with(&Sip::body, std::move(value)); } ///< session description
    /// The callee is who asks: From and To, with their tags, change places.
    Sip reversed() const
    {
        Sip copy = *this;
        copy.fromUri = toUri;
        copy.toUri = fromUri;
        copy.fromTag = "tb";
        copy.toTag = "ta";
        return copy;
    }
    std::string text() const
    {
        std::string out = start + "\r\nVia: SIP/2.0/UDP 10.0.0.1;branch=" + via + "\r\nFrom: " + fromUri +
                          ";tag=" + fromTag + "\r\nTo: " + toUri + (toTag.empty() ? "" : ";tag=" + toTag) +
                          "\r\nCall-ID: " + id + "\r\nCSeq: " + std::to_string(cseq) + " " + method + "\r\n" +
                          more;
        if (!body.empty() && more.find("Content-Type") == std::string::npos)
            out += "Content-Type: application/sdp\r\n";
        return out + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

private:
    Sip with(std::string Sip::*member, std::string value) const
    {
        Sip copy = *this;
        copy.*member = std::move(value);
        return copy;
    }
};

inline Sip request(const std::string& method, int cseq = 1, const std::string& uri = "sip:200@pbx.example")
{
    Sip sip;
    sip.start = method + " " + uri + " SIP/2.0";
    sip.method = method;
    sip.cseq = cseq;
    return sip;
}
inline Sip response(int status, const std::string& method = "INVITE", int cseq = 1)
{
    Sip sip;
    sip.start = "SIP/2.0 " + std::to_string(status) + " Text";
    sip.method = method;
    sip.cseq = cseq;
    return sip;
}

inline Bytes rtpPacket(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t timestamp, std::uint8_t type,
                       std::size_t payload)
{
    Bytes out(12 + payload, std::byte{0x55});
    out[0] = std::byte{0x80};
    out[1] = static_cast<std::byte>(type);
    storeBe(out.data() + 2, sequence);
    storeBe(out.data() + 4, timestamp);
    storeBe(out.data() + 8, ssrc);
    return out;
}

struct RtpRun {
    std::string from;
    std::string to;
    std::uint32_t ssrc = 1;
    std::uint8_t type = 8;
    std::uint32_t ticks = 160; ///< per packet of 20 ms
    std::size_t payload = 160;
    std::uint16_t sequence = 100;
};

/// Events in any order; run() plays them in order of time.
class Flow {
public:
    Flow& sip(double t, const std::string& from, const std::string& to, const Sip& message)
    {
        const std::string text = message.text();
        return raw(t, from, to, Bytes(bytesOf(text).begin(), bytesOf(text).end()));
    }
    /// One packet each 20 ms from `begin` to `end`.
    Flow& rtp(double begin, double end, const RtpRun& run)
    {
        const int count = static_cast<int>((end - begin) * 50 + 0.5);
        for (int i = 0; i < count; ++i)
            raw(begin + i * 0.02, run.from, run.to,
                rtpPacket(run.ssrc, static_cast<std::uint16_t>(run.sequence + i),
                          static_cast<std::uint32_t>(i) * run.ticks, run.type, run.payload));
        return *this;
    }
    Flow& raw(double t, const std::string& from, const std::string& to, Bytes payload)
    {
        m_events.push_back({t, ep(from), ep(to), std::move(payload), {}});
        return *this;
    }
    Flow& file(double t, const std::string& name)
    {
        m_events.push_back({t, {}, {}, {}, name});
        return *this;
    }
    /// From the event of time `t` on, `count` of them are stamped `by` seconds off; the order stays.
    Flow& misdate(double t, std::size_t count, double by)
    {
        m_misdated.push_back({t, count, by});
        return *this;
    }
    /// Every event comes twice, as from a mirror port.
    Flow& doubled()
    {
        m_double = true;
        return *this;
    }

    std::vector<CapturedCall> run(ReadOptions options = {})
    {
        std::stable_sort(m_events.begin(), m_events.end(),
                         [](const Event& a, const Event& b) { return a.t < b.t; });
        auto spool = Spool::create({}, options.spoolMemory);
        std::vector<CapturedCall> calls;
        CallTracker tracker(**spool, options, [&](CapturedCall&& call) { calls.push_back(std::move(call)); });
        for (const Event& event : m_events) {
            const double off = offBy(event.t);
            if (!event.file.empty()) {
                tracker.beginFile(event.file);
                continue;
            }
            for (int copy = 0; copy < (m_double ? 2 : 1); ++copy)
                tracker.take(
                    {at(event.t + off + copy * 0.00002), event.from, event.to, event.payload, false});
        }
        emittedBeforeFinish = calls.size();
        const Status status = tracker.finish();
        ok = static_cast<bool>(status);
        stats = tracker.stats();
        return calls;
    }

    std::size_t emittedBeforeFinish = 0;
    bool ok = false;
    CaptureStats stats;

private:
    struct Event {
        double t;
        Endpoint from;
        Endpoint to;
        Bytes payload;
        std::string file;
    };
    struct Misdated {
        double t;
        std::size_t count;
        double by;
    };
    double offBy(double t)
    {
        double off = 0;
        for (Misdated& one : m_misdated) {
            if (t >= one.t && one.count > 0) {
                --one.count;
                off += one.by;
            }
        }
        return off;
    }
    std::vector<Event> m_events;
    std::vector<Misdated> m_misdated;
    bool m_double = false;
};

} // namespace sr::capture::test
