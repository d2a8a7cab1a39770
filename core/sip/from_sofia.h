// SPDX-License-Identifier: GPL-3.0-or-later
// Sofia's parsed messages as our values. Internal to core/sip.
#pragma once

#include "core/sip/event_types.h"
#include "core/sip/registration.h"

extern "C" {
struct sip_s;
struct msg_s;
}

namespace sr::sip {

Source sourceOf(const msg_s* message);
Knock knockOf(const sip_s& sip, const msg_s* message);
RegisterRequest registerRequestOf(const sip_s& sip, const msg_s* message);
/// None, or one whole one (RFC 3891 3).
bool isReplacesGood(const sip_s& sip);
InviteRequest inviteRequestOf(const sip_s& sip, const msg_s* message);
SubscribeRequest subscribeRequestOf(const sip_s& sip, const msg_s* message);
PublishRequest publishRequestOf(const sip_s& sip, const msg_s* message);
MessageRequest messageRequestOf(const sip_s& sip, const msg_s* message);
ReferRequest referRequestOf(const sip_s& sip);
Reply replyOf(int status, const sip_s* sip); ///< null: the answer is Sofia's own
/// Without its status and transport. `contactUser`: of the Contact whose expires is looked for.
RegisterReply registerReplyOf(const sip_s& sip, const msg_s* message, const std::string& contactUser);
std::string bodyOf(const sip_s& sip); ///< empty if there is none
/// Header `Record` of an INFO; nothing if there is none, or none that says `on` or `off`.
std::optional<bool> recordKeyOf(const sip_s& sip);
std::string contentTypeOf(const sip_s& sip); ///< in lower case, without parameters
std::string sdpOf(const sip_s& sip);         ///< the body if it is a session description

} // namespace sr::sip
