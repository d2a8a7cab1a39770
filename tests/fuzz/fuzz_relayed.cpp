// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a description that passes through the exchange or past it, or that it answers: what leaves us
// is readable, as many sections long, the same when it passes again, and tells no address or key but ours.
// links: sr::core_sdp
#include "core/sdp/own_description.h"
#include "core/sdp/text.h"
#include "core/sdp/writing.h"

#include <algorithm>
#include <array>
#include <cstdlib>

using namespace sr;
using namespace sr::sdp;

namespace {

const std::string kIce = "a=ice-ufrag:ours\r\na=ice-pwd:0123456789012345678901\r\n"
                         "a=candidate:1 1 UDP 2130706431 198.51.100.7 20000 typ host\r\n";
const std::string kDtls = "a=fingerprint:sha-256 ab:cd\r\na=setup:actpass\r\n";
const std::string kKey = "1 AES_CM_128_HMAC_SHA1_80 inline:zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";

void demand(bool holds)
{
    if (!holds)
        std::abort();
}

OwnAudio own(bool secure, bool ice)
{
    OwnAudio audio;
    audio.ours.audio.rtp = *Endpoint::parse("198.51.100.7:20000");
    audio.ours.audio.secure = secure;
    if (secure)
        audio.ours.audio.crypto.push_back(*parseCryptoAttribute(kKey));
    if (ice) {
        audio.ours.audio.ice = IceLogin{"ours", "0123456789012345678901"};
        audio.ours.audio.rtcpMux = true;
        audio.ours.audio.isAnswer = true;
        audio.ours.audio.crypto.clear();
        if (secure)
            audio.ours.audio.dtls = OwnDtls{"sha-256 ab:cd", Setup::Actpass};
    }
    audio.formats = {{8, {"PCMA", 8000, 1, {}}}, {101, {"TELEPHONE-EVENT", 8000, 1, "0-15"}}};
    return audio;
}

/// Of everything that leaves us, `media` sections long.
void check(const std::string& out, std::size_t media, const Relayed& ours)
{
    const auto parsed = parse(out);
    demand(parsed && parsed->media.size() == media && parsed->audio() != nullptr);
    for (const Media& one : parsed->media)
        demand(one.rtp == (&one == parsed->audio() ? ours.audio.rtp : Endpoint{ours.audio.rtp.address, 0}));
    demand(parsed->audio()->crypto == ours.audio.crypto && parsed->audio()->isSecure() == ours.audio.secure);
    for (std::string_view rest = out; !rest.empty();) {
        const std::string_view line = nextLine(rest);
        demand(!rest.empty() && rest.front() == '\n'); // and nothing but CRLF
        rest.remove_prefix(1);
        demand(line.size() > 2 && line[1] == '=');
        for (const char c : line)
            demand(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
        if (line[0] != 'o' && line[0] != 'c' && line != "a=crypto:" + kKey &&
            (kIce + kDtls).find(line) == std::string::npos)
            demand(!tellsTooMuch(line));
    }
    demand((out.find("\na=ice-") != std::string::npos) == ours.audio.ice.has_value());
    demand((out.find("\na=fingerprint:") != std::string::npos) == ours.audio.dtls.has_value());
    demand(!ours.audio.ice || out.find(kIce) != std::string::npos);
}

/// Control characters, without which the description may be another one.
bool isTakenOut(char c)
{
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\r' && c != '\n') || c == 0x7f;
}

bool sameFormats(const Media& a, const Media& b)
{
    return a.order == b.order && a.direction == b.effectiveDirection();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const std::array kOwn{own(false, false), own(true, false), own(false, true), own(true, true)};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const OwnAudio& audio = kOwn[size % kOwn.size()];
    const auto source = parse(text);
    const auto out = relayed(text, audio.ours);
    if (source) {
        const auto likewise = relayed(text, *source, audio.ours);
        demand(bool(likewise) == bool(out) && (!out || *likewise == *out));
    }
    if (out) {
        demand(out->size() <= kMaxOctets);
        const auto again = relayed(*out, audio.ours);
        demand(again && *again == *out);
        const auto parsed = parse(*out);
        demand(bool(parsed));
        check(*out, parsed->media.size(), audio.ours);
        if (source && std::none_of(text.begin(), text.end(), isTakenOut))
            demand(parsed->media.size() == source->media.size() &&
                   sameFormats(*parsed->audio(), *source->audio()));
    }
    if (const auto past = direct(text, audio.ours)) {
        const auto again = direct(*past, audio.ours);
        demand(again && *again == *past && past->size() <= kMaxOctets);
        demand(parse(*past)->audio() != nullptr);
    }
    if (!source)
        return 0;
    if (const auto answered = answer(*source, audio))
        check(*answered, source->media.size(), audio.ours);
    return 0;
}
