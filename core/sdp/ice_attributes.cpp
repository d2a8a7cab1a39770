// SPDX-License-Identifier: GPL-3.0-or-later
// Lines of ICE, read strictly: a device whose lines cannot be followed is one without ICE.
#include "core/sdp/ice_attributes.h"

#include "core/crypto/digest.h"
#include "core/sdp/text.h"

#include <algorithm>

namespace sr::sdp {
namespace {

constexpr std::size_t kFragmentOctets = 6;  // 48 bits; RFC 8445 §5.3 asks for 24
constexpr std::size_t kPasswordOctets = 18; // 144 bits; RFC 8445 §5.3 asks for 128
constexpr std::size_t kMostOctets = 256;

bool isIceChar(char c) noexcept
{
    return isDigit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '+' || c == '/';
}

bool isIceWord(std::string_view word, std::size_t least) noexcept
{
    return word.size() >= least && word.size() <= kMostOctets && std::ranges::all_of(word, isIceChar);
}

/// Base64 of whole threes of octets: all of it is ice-char.
std::string wordOf(ByteView octets)
{
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at + 3 <= octets.size(); at += 3) {
        const auto three = std::to_integer<unsigned>(octets[at]) << 16 |
                           std::to_integer<unsigned>(octets[at + 1]) << 8 |
                           std::to_integer<unsigned>(octets[at + 2]);
        for (const int shift : {18, 12, 6, 0})
            out.push_back(kDigits[(three >> shift) & 0x3fU]);
    }
    return out;
}

/// RFC 8445 §5.1.2.1 for a host candidate of one address: type preference 126, local preference 65535.
std::uint32_t priorityOf(unsigned component)
{
    return (126U << 24) + (65535U << 8) + (256U - component);
}

std::string candidateLine(unsigned component, const Endpoint& at)
{
    return "a=candidate:1 " + std::to_string(component) + " UDP " + std::to_string(priorityOf(component)) +
           ' ' + at.address.toString() + ' ' + std::to_string(at.port) + " typ host\r\n";
}

} // namespace

std::optional<Candidate> parseCandidate(std::string_view value)
{
    nextToken(value); // foundation
    const auto component = number<std::uint16_t>(nextToken(value));
    const bool udp = equalsNoCase(nextToken(value), "UDP");
    nextToken(value); // priority
    const auto address = IpAddress::parse(nextToken(value));
    const auto port = number<std::uint16_t>(nextToken(value));
    if (!component || !udp || !address || !port || !equalsNoCase(nextToken(value), "typ"))
        return std::nullopt;
    return Candidate{*component, {*address, *port}};
}

bool isUserFragment(std::string_view word) noexcept
{
    return isIceWord(word, 4);
}

bool isPassword(std::string_view word) noexcept
{
    return isIceWord(word, 22);
}

Result<IceLogin> newIceLogin()
{
    std::array<std::byte, kFragmentOctets + kPasswordOctets> octets{};
    if (const Status status = crypto::randomBytes(octets); !status)
        return status.error();
    const ByteView all(octets);
    return IceLogin{wordOf(all.first(kFragmentOctets)), wordOf(all.subspan(kFragmentOctets))};
}

std::string iceLines(const IceLogin& login, const Endpoint& rtp, bool rtcpMux)
{
    std::string lines = "a=ice-ufrag:" + login.userFragment + "\r\na=ice-pwd:" + login.password + "\r\n";
    lines += candidateLine(1, rtp);
    if (!rtcpMux)
        lines += candidateLine(2, {rtp.address, static_cast<std::uint16_t>(rtp.port + 1)});
    return lines;
}

} // namespace sr::sdp
