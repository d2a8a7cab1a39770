// SPDX-License-Identifier: GPL-3.0-or-later
// SUBSCRIBE, PUBLISH and MESSAGE as values (RFC 6665, RFC 3903, RFC 3428). Texts are unescaped and as long
// as the stack lets a message be (64 KiB in all).
#pragma once

#include "core/sip/sip_types.h"

namespace sr::sip {

/// The packages that are served; others get 489 before the handler is asked.
inline constexpr const char* kEventPackages = "presence, dialog, message-summary";

/// What a refusal of any request says: status, challenges, minExpires, retryAfter.
using Refusal = RegisterAnswer;

struct SubscribeRequest {
    std::string target; ///< user part of the Request-URI
    std::string host;   ///< of To, without port: how the subscriber names the exchange
    NameAddress from;
    std::string event;                      ///< name of the package
    std::vector<std::string> accept;        ///< types in lower case, without parameters; none: the usual one
    std::optional<std::uint32_t> expires;   ///< [s]
    std::vector<std::string> authorization; ///< values of Authorization
    Source source;
};

struct PublishRequest {
    std::string target; ///< user part of the Request-URI
    NameAddress from;
    std::string event;
    std::string ifMatch;     ///< SIP-If-Match; empty: a new publication
    std::string contentType; ///< in lower case, without parameters
    std::string body;
    std::optional<std::uint32_t> expires; ///< [s]
    std::vector<std::string> authorization;
    Source source;
};

struct PublishAnswer : RegisterAnswer {
    std::string etag = {};     ///< of 200: SIP-ETag
    std::uint32_t expires = 0; ///< of 200 [s]
};

struct MessageRequest {
    std::string target; ///< user part of the Request-URI
    NameAddress from;
    std::string contentType; ///< in lower case, without parameters; empty: there is none
    std::string charset;     ///< its parameter, in lower case; empty: there is none
    std::string body;
    std::vector<std::string> authorization;
    Source source;
};

/// To a device that is registered.
struct OutgoingMessage {
    std::string uri;  ///< Request-URI: the device's contact
    Source way;       ///< where the device was last heard
    NameAddress from; ///< as the reader shall see it
    NameAddress to;
    std::string text; ///< UTF-8, without U+0000
};

} // namespace sr::sip
