// SPDX-License-Identifier: GPL-3.0-or-later
// Content-Type and Accept of requests that begin a session.
#include "core/sip/session_body.h"

#include "core/sip/from_sofia.h"

#include <sofia-sip/sip.h>

namespace sr::sip {
namespace {

bool takesSdp(const sip_accept_t& accept)
{
    const std::string_view type = accept.ac_type != nullptr ? accept.ac_type : "";
    return type == "*/*" || type == "application/*" || type == kSdpType;
}

} // namespace

int bodyRefusal(const sip_s& sip)
{
    const std::string type = contentTypeOf(sip);
    const bool mayIgnore = sip.sip_content_disposition != nullptr && sip.sip_content_disposition->cd_optional;
    const bool isReadable = (type == kSdpType && sip.sip_content_encoding == nullptr) ||
                            type.starts_with("multipart/") || mayIgnore;
    if (!bodyOf(sip).empty() && !isReadable)
        return 415;
    const sip_accept_t* accept = sip.sip_accept;
    while (accept != nullptr && !takesSdp(*accept))
        accept = accept->ac_next;
    return sip.sip_accept != nullptr && accept == nullptr ? 406 : 0;
}

} // namespace sr::sip
