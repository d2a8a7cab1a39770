// SPDX-License-Identifier: GPL-3.0-or-later
// Quoting and escaping (RFC 3261 25.1).
#include "core/sip/name_address.h"

#include "core/sip/quoted_string.h"

#include <string_view>

namespace sr::sip {
namespace {

constexpr std::string_view kUserMarks = "-_.!~*'()&=+$,;?/";

bool isPlain(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kUserMarks.find(c) != std::string_view::npos;
}

void appendEscaped(std::string& out, std::string_view user)
{
    constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char c : user) {
        const auto octet = static_cast<unsigned char>(c);
        if (isPlain(c))
            out += c;
        else
            out.append({'%', kHex[octet >> 4U], kHex[octet & 15U]});
    }
}

} // namespace

std::string addressText(const NameAddress& address)
{
    std::string out;
    if (!address.display.empty())
        out = quotedString(address.display) + " ";
    return out + '<' + uriText(address) + '>';
}

std::string uriText(const NameAddress& address)
{
    return uriText(address.user, address.host);
}

std::string uriText(const std::string& user, const std::string& host)
{
    std::string out = "sip:";
    appendEscaped(out, user);
    if (!user.empty())
        out += '@';
    return out + host;
}

std::string identityHeaders(const OutgoingInvite& invite)
{
    std::string lines;
    if (invite.asserted)
        lines += "P-Asserted-Identity: " + addressText(*invite.asserted) + "\r\n";
    if (invite.preferred)
        lines += "P-Preferred-Identity: " + addressText(*invite.preferred) + "\r\n";
    if (invite.isPrivate)
        lines += "Privacy: id\r\n";
    return lines;
}

std::string_view transportName(Transport transport)
{
    switch (transport) {
    case Transport::Udp:
        return "udp";
    case Transport::Tcp:
        return "tcp";
    case Transport::Tls:
        return "tls";
    }
    return {};
}

std::string wayText(const Source& way)
{
    return "sip:" + way.address.toString() + ";transport=" + std::string(transportName(way.transport));
}

std::string contactText(const std::vector<Contact>& contacts)
{
    std::string out;
    for (const Contact& contact : contacts) {
        out.append(out.empty() ? "<" : ", <").append(contact.uri).append(">");
        if (contact.expires)
            out.append(";expires=").append(std::to_string(*contact.expires));
    }
    return out;
}

} // namespace sr::sip
