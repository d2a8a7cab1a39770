// SPDX-License-Identifier: GPL-3.0-or-later
// An invalid URI, which Sofia gives to no line that it has read, marks those it has not.
#include "core/sip/first_line.h"

#include <sofia-sip/bnf.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_protos.h>

#include <string_view>

namespace sr::sip {

FirstLine readRequestLine(su_home_t* home, msg_header_t* into, char* line, std::size_t size)
{
    const bool isSip = std::string_view(line, size).ends_with(" SIP/2.0");
    const auto method = static_cast<std::size_t>(span_token(line));
    const bool isRequest = isSip && method > 0 && line[method] == ' ';
    if (sip_request_class[0].hc_parse(home, into, line, static_cast<isize_t>(size)) >= 0)
        return FirstLine::Good;
    if (!isRequest)
        return FirstLine::None;
    line[method] = '\0';
    sip_request_t& request = *reinterpret_cast<sip_header_t*>(into)->sh_request;
    request.rq_method = sip_method_code(line);
    request.rq_method_name = line;
    url_init(request.rq_url, url_invalid);
    request.rq_version = sip_version_2_0;
    return FirstLine::Bad;
}

bool isUnread(const sip_request_t& request)
{
    return request.rq_url->url_type == url_invalid;
}

} // namespace sr::sip
