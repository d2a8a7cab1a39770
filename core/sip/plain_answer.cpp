// SPDX-License-Identifier: GPL-3.0-or-later
// Headers that go back are written by Sofia, as it has read them.
#include "core/sip/plain_answer.h"

#include "core/sip/name_address.h"

#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su_string.h>

#include <array>
#include <functional>
#include <string_view>

namespace sr::sip {
namespace {

/// Longer ones are left to Sofia.
constexpr std::size_t kLongestHeader = 1024;

/// With its line end; empty if it is too long.
template <typename Header>
std::string textOf(const Header* header)
{
    std::array<char, kLongestHeader> text{};
    const issize_t size =
        msg_header_e(text.data(), text.size(), reinterpret_cast<const msg_header_t*>(header), 0);
    return size > 0 && static_cast<std::size_t>(size) < text.size()
               ? std::string(text.data(), static_cast<std::size_t>(size))
               : std::string();
}

/// Another `parameter` of a header that textOf() gave.
void append(std::string& header, std::string_view parameter)
{
    if (header.ends_with("\r\n"))
        header.insert(header.size() - 2, ";" + std::string(parameter));
}

bool isPlain(const sip_t& sip)
{
    const auto scheme = sip.sip_request->rq_url->url_type;
    return sip.sip_error == nullptr && (sip.sip_flags & MSG_FLG_ERROR) == 0 && sip_sanity_check(&sip) >= 0 &&
           (scheme == url_sip || scheme == url_sips) && sip.sip_require == nullptr &&
           su_casematch(sip.sip_request->rq_version, sip_version_2_0) != 0 &&
           su_casematch(sip.sip_via->v_protocol, sip_transport_udp) != 0 && sip.sip_via->v_maddr == nullptr &&
           sip.sip_via->v_received == nullptr;
}

/// The first one with where it came from (RFC 3261 18.2.1, RFC 3581 4).
std::string viasOf(const sip_t& sip, const Endpoint& from)
{
    sip_via_t first = *sip.sip_via;
    first.v_next = nullptr;
    first.v_common->h_data = nullptr; // as it came, it is not to be copied: it may go on with the next one
    std::string out = textOf(&first);
    const std::string_view port = ";rport";
    const auto asks = out.find(port);
    const bool isAsking =
        asks != std::string::npos && (out[asks + port.size()] == '\r' || out[asks + port.size()] == ';');
    if (isAsking)
        out.insert(asks + port.size(), "=" + std::to_string(from.port));
    else
        append(out, "rport=" + std::to_string(from.port));
    append(out, "received=" + from.address.toString());
    for (const sip_via_t* via = sip.sip_via->v_next; via != nullptr && !out.empty(); via = via->v_next) {
        sip_via_t one = *via;
        one.v_next = nullptr;
        one.v_common->h_data = nullptr;
        const std::string text = textOf(&one);
        out = text.empty() ? text : out + text;
    }
    return out;
}

} // namespace

std::string returnedHeaders(const sip_t& sip, const Endpoint& from)
{
    if (!isPlain(sip))
        return {};
    const std::string vias = viasOf(sip, from);
    std::string to = textOf(sip.sip_to);
    const std::string callId = textOf(sip.sip_call_id);
    // A retransmission gets the same tag (RFC 3261 8.2.7).
    append(to, "tag=" + std::to_string(std::hash<std::string>()(callId + vias)));
    const std::string caller = textOf(sip.sip_from);
    const std::string cseq = textOf(sip.sip_cseq);
    if (vias.empty() || to.empty() || callId.empty() || caller.empty() || cseq.empty())
        return {};
    return vias + caller + to + callId + cseq;
}

std::string plainAnswer(int status, const char* reason, const std::string& returned,
                        const std::string& headers)
{
    return "SIP/2.0 " + std::to_string(status) + " " + reason + "\r\n" + returned + headers +
           "Content-Length: 0\r\n\r\n";
}

std::string registerHeaders(const RegisterAnswer& answer)
{
    std::string out;
    const auto add = [&](std::string_view name, const std::string& value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    if (!answer.contacts.empty())
        add("Contact", contactText(answer.contacts));
    if (answer.minExpires)
        add("Min-Expires", std::to_string(*answer.minExpires));
    if (answer.retryAfter)
        add("Retry-After", std::to_string(*answer.retryAfter));
    for (const std::string& challenge : answer.challenges)
        add("WWW-Authenticate", challenge);
    return out;
}

} // namespace sr::sip
