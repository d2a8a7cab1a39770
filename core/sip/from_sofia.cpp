// SPDX-License-Identifier: GPL-3.0-or-later
// Sofia's structures are lists of C strings that may be null; none of them leaves this file.
#include "core/sip/from_sofia.h"

#include "core/sip/socket_address.h"

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/url.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace sr::sip {
namespace {

std::string text(const char* s)
{
    return s == nullptr ? std::string() : std::string(s);
}

std::string unescaped(const char* s)
{
    std::string out = text(s);
    if (!out.empty())
        out.resize(url_unescape_to(out.data(), s, out.size()));
    return out;
}

/// Sofia takes a lone CR for the fold of a line and leaves it inside; what has such octets, which are
/// in no URI (RFC 3986 2), would end the line or the brackets in which it is sent on.
bool isOneWord(std::string_view s)
{
    constexpr unsigned char kDelete = 0x7f;
    return std::ranges::none_of(s, [](unsigned char octet) {
        return octet <= ' ' || octet == kDelete || octet == '<' || octet == '>';
    });
}

/// Empty: it is none.
std::string uriOf(const url_t* url)
{
    std::string out(static_cast<std::size_t>(std::max<issize_t>(url_e(nullptr, 0, url), 0)), '\0');
    if (!out.empty())
        (void)url_e(out.data(), static_cast<isize_t>(out.size() + 1), url);
    return isOneWord(out) ? out : std::string();
}

/// Empty: there is none that could be sent on.
std::string hostOf(const url_t* url)
{
    std::string host = text(url->url_host);
    return isOneWord(host) ? host : std::string();
}

/// A number of seconds, or nothing if it is none; too large ones are the largest (RFC 3261 20.19).
std::optional<std::uint32_t> secondsOf(const char* s)
{
    if (s == nullptr || *s < '0' || *s > '9')
        return std::nullopt;
    const unsigned long long value = std::strtoull(s, nullptr, 10);
    return static_cast<std::uint32_t>(std::min<unsigned long long>(value, 0xffffffffULL));
}

std::string unquoted(std::string s)
{
    if (s.size() >= 2 && s.front() == '"' && s.back() == '"')
        s = s.substr(1, s.size() - 2);
    return s;
}

/// In its angle brackets (RFC 5626 4.1). Empty: there is none, or none that fits on a line.
std::string instanceOf(const sip_contact_t* contact)
{
    std::string instance = unquoted(text(msg_header_find_param(contact->m_common, "+sip.instance=")));
    const bool isBracketed = instance.size() >= 2 && instance.front() == '<' && instance.back() == '>';
    const std::string_view urn(instance);
    return isOneWord(isBracketed ? urn.substr(1, urn.size() - 2) : urn) ? instance : std::string();
}

void appendCredentials(const sip_authorization_t* header, std::vector<std::string>& out)
{
    for (const sip_authorization_t* a = header; a != nullptr; a = a->au_next) {
        std::string value = text(a->au_scheme);
        value.reserve(512); // most are no longer
        for (const msg_param_t* p = a->au_params; p != nullptr && *p != nullptr; ++p)
            value.append(p == a->au_params ? " " : ", ").append(*p);
        out.push_back(std::move(value));
    }
}

/// `Replaces=ID%3Bto-tag%3DX%3Bfrom-tag%3DY` among the headers of a URI (RFC 3891 3): our tag stands in
/// to-tag.
std::optional<DialogId> replacesIn(const std::string& headers)
{
    constexpr std::string_view kName = "replaces=";
    const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    const auto found = std::search(headers.begin(), headers.end(), kName.begin(), kName.end(), same);
    if (found == headers.end())
        return std::nullopt;
    const auto begin = found + static_cast<std::ptrdiff_t>(kName.size());
    const std::string value = unescaped(std::string(begin, std::find(begin, headers.end(), '&')).c_str());
    DialogId dialog;
    for (std::size_t at = 0; at <= value.size();) {
        const std::size_t end = std::min(value.find(';', at), value.size());
        const std::string part = value.substr(at, end - at);
        if (at == 0)
            dialog.callId = part;
        else if (part.starts_with("to-tag="))
            dialog.localTag = part.substr(7);
        else if (part.starts_with("from-tag="))
            dialog.remoteTag = part.substr(9);
        at = end + 1;
    }
    return dialog;
}

/// Display names are quoted strings or tokens (RFC 3261 25.1).
std::string displayOf(const char* s)
{
    const std::string quoted = text(s);
    if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"')
        return quoted;
    std::string out;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        if (quoted[i] == '\\' && i + 2 < quoted.size())
            ++i;
        out += quoted[i];
    }
    return out;
}

NameAddress nameAddressOf(const sip_addr_t* address)
{
    if (address == nullptr)
        return {};
    return {displayOf(address->a_display), unescaped(address->a_url->url_user), hostOf(address->a_url)};
}

/// Of the whole request; a date is no delta-seconds (RFC 3261 20.19).
std::optional<std::uint32_t> expiresOf(const sip_t& sip)
{
    if (sip.sip_expires == nullptr || sip.sip_expires->ex_date != 0)
        return std::nullopt;
    return static_cast<std::uint32_t>(std::min<unsigned long>(sip.sip_expires->ex_delta, 0xffffffffUL));
}

std::string lowered(std::string s)
{
    std::ranges::transform(s, s.begin(), [](unsigned char c) { return std::tolower(c); });
    return s;
}

/// RFC 3323 4.2: anything but `none`.
bool wantsPrivacy(const sip_s& sip)
{
    const sip_privacy_t* const privacy = sip.sip_privacy;
    if (privacy == nullptr || privacy->priv_values == nullptr)
        return false;
    for (const char* const* value = privacy->priv_values; *value != nullptr; ++value)
        if (lowered(text(*value)) == "none")
            return false;
    return true;
}

/// `+49 (30) 123-4;phone-context=x` without what is for people and programs (RFC 3966 5.1.1).
std::string withoutSeparators(std::string number)
{
    number.resize(std::min(number.find(';'), number.size()));
    std::erase_if(number, [](char c) { return std::string_view("-.() ").find(c) != std::string_view::npos; });
    return number;
}

NameAddress identityOf(const sip_contact_t& value)
{
    NameAddress who{displayOf(value.m_display), unescaped(value.m_url->url_user), hostOf(value.m_url)};
    if (value.m_url->url_type == url_tel) { // Sofia takes the number for a host in some versions
        const std::string number = who.user.empty() ? text(value.m_url->url_host) : who.user;
        who = {who.display, withoutSeparators(number), {}};
    }
    return who;
}

bool isNumber(const std::string& user)
{
    const std::size_t plus = user.starts_with('+') ? 1 : 0;
    return user.size() > plus && user.find_first_not_of("0123456789", plus) == user.npos;
}

/// Of the values of a header that Sofia does not know; there may be two, a number and a name (RFC 3325 9.1).
std::optional<NameAddress> identityIn(const sip_t& sip, const char* header)
{
    std::optional<NameAddress> found;
    su_home_t home[1] = {SU_HOME_INIT(home)};
    for (const sip_unknown_t* one = sip.sip_unknown; one != nullptr; one = one->un_next) {
        if (!su_casematch(one->un_name, header) || one->un_value == nullptr)
            continue;
        // The same syntax, and a list as well.
        for (const sip_contact_t* v = sip_contact_make(home, one->un_value); v != nullptr; v = v->m_next) {
            NameAddress who = identityOf(*v);
            if (!found || (isNumber(who.user) && !isNumber(found->user)))
                found = std::move(who);
        }
    }
    su_home_deinit(home);
    return found;
}

/// Null: there is none of that name among those that Sofia does not know.
const sip_unknown_t* unknownHeader(const sip_t& sip, const char* name)
{
    const sip_unknown_t* one = sip.sip_unknown;
    while (one != nullptr && (!su_casematch(one->un_name, name) || one->un_value == nullptr))
        one = one->un_next;
    return one;
}

std::string targetOf(const sip_t& sip)
{
    return sip.sip_request == nullptr ? std::string() : unescaped(sip.sip_request->rq_url->url_user);
}

std::string eventOf(const sip_t& sip)
{
    return sip.sip_event == nullptr ? std::string() : text(sip.sip_event->o_type);
}

} // namespace

/// Sofia puts a second one, and what it cannot read, among the errors, so all headers are looked at.
bool isReplacesGood(const sip_s& sip)
{
    std::size_t count = 0;
    for (const auto* one = reinterpret_cast<const msg_header_t*>(sip.sip_request); one != nullptr;
         one = one->sh_succ)
        count += one->sh_class == sip_replaces_class ? 1U : 0U;
    const sip_replaces_t* const read = sip.sip_replaces;
    return count == 0 ||
           (count == 1 && read != nullptr && read->rp_to_tag != nullptr && read->rp_from_tag != nullptr);
}

Source sourceOf(const msg_s* message)
{
    Source source;
    if (const su_sockaddr_t* address = msg_addr(const_cast<msg_t*>(message)))
        source.address = endpointOf(*address);
    const su_addrinfo_t* info = msg_addrinfo(const_cast<msg_t*>(message));
    if (info != nullptr && info->ai_socktype == SOCK_STREAM)
        source.transport = Transport::Tcp;
    return source;
}

Knock knockOf(const sip_s& sip, const msg_s* message)
{
    Knock knock;
    knock.source = sourceOf(message);
    const bool isRegister = sip.sip_request != nullptr && sip.sip_request->rq_method == sip_method_register;
    const sip_addr_t* who = isRegister ? sip.sip_to : sip.sip_from;
    if (who != nullptr)
        knock.user = unescaped(who->a_url->url_user);
    appendCredentials(sip.sip_authorization, knock.authorization);
    appendCredentials(sip.sip_proxy_authorization, knock.authorization);
    return knock;
}

RegisterRequest registerRequestOf(const sip_s& sip, const msg_s* message)
{
    RegisterRequest request;
    request.source = sourceOf(message);
    if (sip.sip_to != nullptr) {
        request.user = unescaped(sip.sip_to->a_url->url_user);
        request.domain = lowered(hostOf(sip.sip_to->a_url));
    }
    if (sip.sip_call_id != nullptr)
        request.callId = text(sip.sip_call_id->i_id);
    if (sip.sip_cseq != nullptr)
        request.cseq = sip.sip_cseq->cs_seq;
    for (const sip_contact_t* c = sip.sip_contact; c != nullptr; c = c->m_next) {
        if (c->m_url->url_type == url_any) {
            request.allContacts = true;
            continue;
        }
        request.contacts.push_back({uriOf(c->m_url), secondsOf(c->m_expires), instanceOf(c)});
    }
    request.expires = expiresOf(sip);
    appendCredentials(sip.sip_authorization, request.authorization);
    if (sip.sip_user_agent != nullptr)
        request.userAgent = text(sip.sip_user_agent->g_string);
    return request;
}

InviteRequest inviteRequestOf(const sip_s& sip, const msg_s* message)
{
    InviteRequest request;
    request.source = sourceOf(message);
    if (sip.sip_request != nullptr)
        request.target = unescaped(sip.sip_request->rq_url->url_user);
    request.from = nameAddressOf(sip.sip_from);
    request.to = nameAddressOf(sip.sip_to);
    if (sip.sip_call_id != nullptr)
        request.callId = text(sip.sip_call_id->i_id);
    appendCredentials(sip.sip_authorization, request.authorization);
    request.sdp = sdpOf(sip);
    if (sip.sip_user_agent != nullptr)
        request.userAgent = text(sip.sip_user_agent->g_string);
    request.isPrivate = wantsPrivacy(sip);
    request.identity = identityIn(sip, "P-Asserted-Identity");
    if (!request.identity)
        request.identity = identityIn(sip, "P-Preferred-Identity");
    if (const sip_replaces_t* one = sip.sip_replaces)
        request.replaces = Replaces{{text(one->rp_call_id), text(one->rp_to_tag), text(one->rp_from_tag)},
                                    one->rp_early_only != 0};
    return request;
}

SubscribeRequest subscribeRequestOf(const sip_s& sip, const msg_s* message)
{
    SubscribeRequest request;
    request.source = sourceOf(message);
    request.target = targetOf(sip);
    request.host = nameAddressOf(sip.sip_to).host;
    request.from = nameAddressOf(sip.sip_from);
    request.event = eventOf(sip);
    for (const sip_accept_t* a = sip.sip_accept; a != nullptr; a = a->ac_next)
        request.accept.push_back(lowered(text(a->ac_type)));
    request.expires = expiresOf(sip);
    appendCredentials(sip.sip_authorization, request.authorization);
    return request;
}

PublishRequest publishRequestOf(const sip_s& sip, const msg_s* message)
{
    PublishRequest request;
    request.source = sourceOf(message);
    request.target = targetOf(sip);
    request.from = nameAddressOf(sip.sip_from);
    request.event = eventOf(sip);
    // Sofia's own word for it casts its const away.
    const auto* tag = reinterpret_cast<const sip_if_match_t*>(
        msg_header_access(reinterpret_cast<const msg_pub_t*>(&sip), sip_if_match_class));
    if (tag != nullptr)
        request.ifMatch = text(tag->g_string);
    request.contentType = contentTypeOf(sip);
    request.body = bodyOf(sip);
    request.expires = expiresOf(sip);
    appendCredentials(sip.sip_authorization, request.authorization);
    return request;
}

MessageRequest messageRequestOf(const sip_s& sip, const msg_s* message)
{
    MessageRequest request;
    request.source = sourceOf(message);
    request.target = targetOf(sip);
    request.from = nameAddressOf(sip.sip_from);
    request.contentType = contentTypeOf(sip);
    if (sip.sip_content_type != nullptr)
        request.charset =
            lowered(unquoted(text(msg_header_find_param(sip.sip_content_type->c_common, "charset="))));
    request.body = bodyOf(sip);
    appendCredentials(sip.sip_authorization, request.authorization);
    return request;
}

ReferRequest referRequestOf(const sip_s& sip)
{
    ReferRequest request;
    if (sip.sip_refer_to == nullptr)
        return request;
    request.target = unescaped(sip.sip_refer_to->r_url->url_user);
    request.replaces = replacesIn(text(sip.sip_refer_to->r_url->url_headers));
    return request;
}

/// Of several contacts the first one counts (RFC 3261 21.3.3 has them tried in turn).
Reply replyOf(int status, const sip_s* sip)
{
    Reply reply{status, sip != nullptr ? sdpOf(*sip) : std::string()};
    const sip_contact_t* const contact = sip != nullptr ? sip->sip_contact : nullptr;
    if ((status != 301 && status != 302) || contact == nullptr)
        return reply;
    if (contact->m_url->url_type == url_sip || contact->m_url->url_type == url_sips)
        reply.contact = {displayOf(contact->m_display), unescaped(contact->m_url->url_user),
                         lowered(hostOf(contact->m_url))};
    return reply;
}

RegisterReply registerReplyOf(const sip_s& sip, const msg_s* message, const std::string& contactUser)
{
    RegisterReply reply;
    reply.peer = sourceOf(message);
    if (sip.sip_expires != nullptr && sip.sip_expires->ex_date == 0)
        reply.expires =
            static_cast<std::uint32_t>(std::min<unsigned long>(sip.sip_expires->ex_delta, 0xffffffffUL));
    for (const sip_contact_t* c = sip.sip_contact; c != nullptr; c = c->m_next)
        if (c->m_url->url_type != url_any && unescaped(c->m_url->url_user) == contactUser)
            if (const auto own = secondsOf(c->m_expires))
                reply.expires = own;
    if (sip.sip_min_expires != nullptr)
        reply.minExpires =
            static_cast<std::uint32_t>(std::min<unsigned long>(sip.sip_min_expires->me_delta, 0xffffffffUL));
    if (sip.sip_retry_after != nullptr)
        reply.retryAfter =
            static_cast<std::uint32_t>(std::min<unsigned long>(sip.sip_retry_after->af_delta, 0xffffffffUL));
    appendCredentials(sip.sip_www_authenticate, reply.challenges);
    appendCredentials(sip.sip_proxy_authenticate, reply.proxyChallenges);
    return reply;
}

std::optional<bool> recordKeyOf(const sip_s& sip)
{
    const sip_unknown_t* const header = unknownHeader(sip, "Record");
    if (header == nullptr)
        return std::nullopt;
    if (su_casematch(header->un_value, "on"))
        return true;
    return su_casematch(header->un_value, "off") ? std::optional(false) : std::nullopt;
}

std::string bodyOf(const sip_s& sip)
{
    const sip_payload_t* payload = sip.sip_payload;
    return payload == nullptr ? std::string() : std::string(payload->pl_data, payload->pl_len);
}

std::string contentTypeOf(const sip_s& sip)
{
    return sip.sip_content_type == nullptr ? std::string() : lowered(text(sip.sip_content_type->c_type));
}

std::string sdpOf(const sip_s& sip)
{
    return contentTypeOf(sip) == "application/sdp" ? bodyOf(sip) : std::string();
}

} // namespace sr::sip
