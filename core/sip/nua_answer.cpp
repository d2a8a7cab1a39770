// SPDX-License-Identifier: GPL-3.0-or-later
// What is refused gets the headers that say what would be taken.
#include "core/sip/nua_answer.h"

#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>

namespace sr::sip {

void respondTo(nua_handle_t* handle, nua_saved_event_t* request, const RegisterAnswer& answer,
               const char* accept)
{
    const auto number = [](const std::optional<std::uint32_t>& value) {
        return value ? std::to_string(*value) : std::string();
    };
    const auto challenge = [&](std::size_t i) {
        return i < answer.challenges.size() ? answer.challenges[i].c_str() : nullptr;
    };
    const std::string minExpires = number(answer.minExpires);
    const std::string retryAfter = number(answer.retryAfter);
    const char* const phrase = sip_status_phrase(answer.status);
    nua_respond(handle, answer.status, phrase != nullptr ? phrase : answer.reason, NUTAG_WITH_SAVED(request),
                TAG_IF(answer.status == 415, SIPTAG_ACCEPT_STR(accept)),
                TAG_IF(!minExpires.empty(), SIPTAG_MIN_EXPIRES_STR(minExpires.c_str())),
                TAG_IF(!retryAfter.empty(), SIPTAG_RETRY_AFTER_STR(retryAfter.c_str())),
                TAG_IF(challenge(0) != nullptr, SIPTAG_WWW_AUTHENTICATE_STR(challenge(0))),
                TAG_IF(challenge(1) != nullptr, SIPTAG_WWW_AUTHENTICATE_STR(challenge(1))), TAG_END());
    nua_destroy_event(request);
}

} // namespace sr::sip
