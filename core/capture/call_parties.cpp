// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as design.md "Sound: Numbers" wants them; guids in the spellings of gateways.
#include "core/capture/call_parties.h"

#include "core/capture/sip_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sr::capture {
namespace {

constexpr std::size_t kMaxText = 128;

// What networks and phones write for a withheld number (RFC 3323 §4.1, 3GPP TS 24.607 and common practice).
constexpr std::array<std::string_view, 8> kWithheld{"anonymous", "unavailable", "restricted", "withheld",
                                                    "private",   "unknown",     "invalid",    "nonumber"};

std::string number(const SipAddress& address)
{
    return startsWithText(address.uri.host, "anonymous.") ? std::string(kUnknownNumber)
                                                          : numberOf(address.uri);
}

void fill(const SipAddress& address, CallParty& party)
{
    party.number = number(address);
    party.displayName = displayText(address.display).substr(0, kMaxText);
    party.host = std::string(address.uri.host.substr(0, kMaxText));
}

/// First identity with a number among all values of a header; `tel:` may stand beside `sip:` (RFC 3325 §9.1).
std::optional<SipAddress> identity(const SipMessage& message, SipHeader kind)
{
    for (std::size_t n = 0; n < 4; ++n) {
        std::string_view rest = message.header(kind, n);
        for (std::size_t i = 0; i < 4 && !rest.empty(); ++i) {
            const auto address = parseAddress(rest, &rest);
            if (address && number(*address) != kUnknownNumber)
                return address;
        }
    }
    return std::nullopt;
}

/// Cisco-Guid: four decimal words of 32 bits, joined by hyphens.
std::string decimalGuid(std::string_view text)
{
    std::string out;
    for (int word = 0; word < 4; ++word) {
        const std::size_t end = std::min(text.find('-'), text.size());
        std::uint32_t value = 0;
        const auto [at, error] = std::from_chars(text.data(), text.data() + end, value);
        if (end == 0 || error != std::errc{} || at != text.data() + end)
            return {};
        std::array<char, 8> hex{};
        for (std::size_t i = 0; i < hex.size(); ++i)
            hex[i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 0xfU];
        out.append(hex.data(), hex.size());
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return text.empty() && out.find_first_not_of('0') != std::string::npos ? out : std::string();
}

} // namespace

std::string numberOf(const SipUri& uri)
{
    std::string user = unescape(uri.user);
    user.erase(std::min(user.find(';'), user.size())); // `%3B` hides parameters from a careless sender
    if (sameText(uri.scheme, "tel"))
        std::erase_if(user, [](char c) { return c == '-' || c == '.' || c == '(' || c == ')' || c == ' '; });
    std::erase_if(user, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    const bool withheld = std::any_of(kWithheld.begin(), kWithheld.end(),
                                      [&](std::string_view word) { return sameText(user, word); });
    return user.empty() || withheld ? std::string(kUnknownNumber) : user.substr(0, kMaxText);
}

void readCaller(const SipMessage& invite, CallParty& caller)
{
    const auto from = parseAddress(invite.header(SipHeader::From));
    if (from)
        fill(*from, caller);
    else
        caller.number = kUnknownNumber;
    auto better = identity(invite, SipHeader::AssertedIdentity);
    if (!better && caller.number == kUnknownNumber)
        better = identity(invite, SipHeader::RemotePartyId);
    if (!better)
        return;
    const std::string name = caller.displayName;
    fill(*better, caller);
    if (caller.displayName.empty())
        caller.displayName = name;
}

void readCallee(const SipMessage& message, CallParty& callee)
{
    callee.number = kUnknownNumber;
    if (const auto to = parseAddress(message.header(SipHeader::To)))
        fill(*to, callee);
    if (callee.number != kUnknownNumber || !message.isRequest())
        return;
    if (const auto uri = parseUri(message.requestUri()))
        callee.number = numberOf(*uri);
}

void readConnected(const SipMessage& answer, const std::string& caller, CallParty& callee)
{
    const auto named = parseAddress(answer.header(SipHeader::AssertedIdentity));
    const auto numbered = identity(answer, SipHeader::AssertedIdentity);
    if (numbered && number(*numbered) == caller)
        return;
    if (numbered)
        callee.number = number(*numbered);
    if (named && !named->display.empty())
        callee.displayName = displayText(named->display).substr(0, kMaxText);
}

std::string guidOf(std::string_view text)
{
    std::string out;
    for (const char c : trimLws(text)) {
        const char l = lowerAscii(c);
        if ((l >= '0' && l <= '9') || (l >= 'a' && l <= 'f'))
            out.push_back(l);
        else if (c != '-' && c != ' ' && c != '"' && c != '{' && c != '}')
            return {};
    }
    return out.size() == 32 && out.find_first_not_of('0') != std::string::npos ? out : std::string();
}

std::string conferenceGuid(const SipMessage& message)
{
    for (std::size_t n = 0; n < 4; ++n) {
        const std::string_view value = message.header(SipHeader::ConferenceGuid, n);
        std::string guid = decimalGuid(value);
        if (guid.empty())
            guid = guidOf(value.substr(0, value.find(';')));
        if (!guid.empty())
            return guid;
    }
    const std::string_view session = message.header(SipHeader::SessionId);
    return guidOf(session.substr(0, session.find(';')));
}

} // namespace sr::capture
