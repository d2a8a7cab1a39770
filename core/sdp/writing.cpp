// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of descriptions in the spelling of RFC 8866, and the check that nothing of a far side slips into
// them.
#include "core/sdp/writing.h"

#include "core/sdp/text.h"

#include <algorithm>

namespace sr::sdp {
namespace {

std::string network(const IpAddress& address)
{
    return (address.isV4() ? "IN IP4 " : "IN IP6 ") + address.toString();
}

/// Length of up to three digits at the beginning.
std::size_t digits(std::string_view text) noexcept
{
    std::size_t n = 0;
    while (n < text.size() && n < 3 && isDigit(text[n]))
        ++n;
    return n;
}

/// Four numbers of up to three digits with dots between them.
bool beginsWithV4(std::string_view text) noexcept
{
    for (int part = 0; part < 4; ++part) {
        if (part > 0) {
            if (text.empty() || text.front() != '.')
                return false;
            text.remove_prefix(1);
        }
        const std::size_t n = digits(text);
        if (n == 0)
            return false;
        text.remove_prefix(n);
    }
    return true;
}

bool isHex(char c) noexcept
{
    return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'f');
}

/// Two colons side by side at a hex digit, or seven groups of hex digits that each end in a colon.
bool holdsV6(std::string_view text) noexcept
{
    int groups = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != ':') {
            if (!isHex(text[i]))
                groups = 0;
            continue;
        }
        const bool behindHex = i > 0 && isHex(text[i - 1]);
        const bool twice = i + 1 < text.size() && text[i + 1] == ':';
        if (twice && (behindHex || (i + 2 < text.size() && isHex(text[i + 2]))))
            return true;
        groups = behindHex ? groups + 1 : 0;
        if (groups == 7)
            return true;
    }
    return false;
}

} // namespace

std::string originLine(const Relayed& plan)
{
    return "o=- " + std::to_string(plan.sessionId) + ' ' + std::to_string(plan.version) + ' ' +
           network(plan.audio.rtp.address) + "\r\n";
}

std::string head(const Relayed& plan, std::string_view subject, std::string_view bandwidth)
{
    const std::string ours = network(plan.audio.rtp.address);
    std::string text = "v=0\r\n" + originLine(plan) + "s=";
    text += subject.empty() ? "-" : subject;
    text += "\r\nc=" + ours + "\r\n";
    return text.append(bandwidth);
}

std::string_view profile(bool secure, bool feedback) noexcept
{
    if (secure)
        return feedback ? "RTP/SAVPF" : "RTP/SAVP";
    return feedback ? "RTP/AVPF" : "RTP/AVP";
}

std::string profileOf(const RelayedMedia& media, bool feedback)
{
    if (!media.profile.empty())
        return media.profile;
    const std::string_view plain = profile(media.secure, feedback);
    return (media.secure && media.dtls && media.crypto.empty() ? "UDP/TLS/" : "") + std::string(plain);
}

std::string mediaLine(std::string_view type, std::uint16_t port, std::string_view protocol,
                      std::string_view formats)
{
    const auto fits = [](std::string_view word) { return isToken(word) && !tellsTooMuch(word); };
    std::string line = "m=";
    line += fits(type) ? type : "application";
    line += ' ' + std::to_string(port) + ' ';
    bool known = !protocol.empty();
    for (std::string_view rest = protocol; known && !rest.empty();)
        known = fits(cut(rest, '/'));
    line += known && protocol.back() != '/' ? protocol : "RTP/AVP";
    bool any = false;
    for (std::string_view word = nextToken(formats); !word.empty(); word = nextToken(formats)) {
        if (fits(word)) {
            line.append(1, ' ').append(word);
            any = true;
        }
    }
    return line + (any ? "\r\n" : " 0\r\n");
}

std::string ownLines(const RelayedMedia& media)
{
    std::string lines;
    for (const CryptoAttribute& one : media.crypto)
        lines += "a=crypto:" + toString(one) + "\r\n";
    if (media.dtls)
        lines += dtlsLines(*media.dtls);
    if (media.rtcpMux)
        lines += "a=rtcp-mux\r\n";
    if (media.ice)
        lines += iceLines(*media.ice, media.rtp, media.rtcpMux && media.isAnswer);
    return lines;
}

bool tellsTooMuch(std::string_view text) noexcept
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isDigit(text[i]) && beginsWithV4(text.substr(i)))
            return true;
        if (lower(text[i]) == 'i' && startsNoCase(text.substr(i), "inline:"))
            return true;
    }
    return holdsV6(text);
}

bool isToken(std::string_view word) noexcept
{
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return c > ' ' && c < 0x7f && std::string_view("\"(),/:;<=>?@[\\]").find(c) == std::string_view::npos;
    });
}

} // namespace sr::sdp
