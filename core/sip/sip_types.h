// SPDX-License-Identifier: GPL-3.0-or-later
// SIP as plain values: what comes in and what is answered, without the stack's own types.
#pragma once

#include "core/base/endpoint.h"
#include "core/sip/password.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sr::sip {

enum class Transport : std::uint8_t { Udp, Tcp, Tls };

/// Where a request really came from, whatever its headers say.
struct Source {
    Endpoint address;
    Transport transport = Transport::Udp;
    std::size_t listener = 0; ///< which of the stack's it came to
    auto operator<=>(const Source&) const = default;
};

/// What a new request says before anything is done with it.
struct Knock {
    Source source;
    std::string user; ///< of From, of REGISTER that of To: user part, unescaped; empty: there is none
    std::vector<std::string> authorization; ///< of Authorization and Proxy-Authorization, `Digest ...`
};

/// One value of Contact (RFC 3261 20.10).
struct Contact {
    std::string uri;                      ///< without the angle brackets; empty: what stands there is none
    std::optional<std::uint32_t> expires; ///< [s]
    std::string instance;                 ///< `+sip.instance` (RFC 5626 4.1), else empty
};

/// RFC 3261 10.2. Texts are as long as the stack lets a message be (64 KiB in all).
struct RegisterRequest {
    std::string user; ///< user part of To, unescaped; empty: there is none
    std::string callId;
    std::uint32_t cseq = 0;
    std::vector<Contact> contacts;
    bool allContacts = false;               ///< `Contact: *`
    std::optional<std::uint32_t> expires;   ///< [s], of the whole request
    std::vector<std::string> authorization; ///< values of Authorization, `Digest ...`
    std::string userAgent;
    Source source;
    std::string domain = {}; ///< host part of To, in lower case: what the device calls the exchange
};

struct RegisterAnswer {
    int status = 200;
    const char* reason = "OK";                ///< a literal: it is sent after the handler has returned
    std::vector<Contact> contacts = {};       ///< of 200: all that are bound, each with expires
    std::vector<std::string> challenges = {}; ///< of 401: values of WWW-Authenticate, the one preferred first
    std::optional<std::uint32_t> minExpires = {}; ///< of 423 [s]
    std::optional<std::uint32_t> retryAfter = {}; ///< of 503 [s]
};

/// From or To of a request (RFC 3261 20.20), as text of people: unescaped, without quotes.
struct NameAddress {
    std::string display;
    std::string user;
    std::string host;
    bool operator==(const NameAddress&) const = default;
};

/// One end's view of a dialog (RFC 3261 12).
struct DialogId {
    std::string callId;
    std::string localTag;
    std::string remoteTag;
    bool operator==(const DialogId&) const = default;
};

/// RFC 3891: a dialog that a new call takes the place of.
struct Replaces {
    DialogId dialog;        ///< its to-tag as the local one
    bool earlyOnly = false; ///< not once it is answered
};

/// RFC 3261 13.3: somebody calls.
struct InviteRequest {
    std::string target; ///< what was dialled: user part of the Request-URI, unescaped
    NameAddress from;
    NameAddress to;
    std::string callId;
    std::vector<std::string> authorization; ///< values of Authorization
    std::string sdp;                        ///< empty: the offer comes with the answer (13.2.1)
    std::string userAgent;
    Source source;
    bool isPrivate = false; ///< `Privacy: id` or more (RFC 3323): who calls is for nobody outside
    /// Who calls as P-Asserted-Identity says, or else P-Preferred-Identity (RFC 3325 9): of several values
    /// the number. Anybody can write that; only what a trunk or gateway says is to be believed.
    std::optional<NameAddress> identity = {};
    std::optional<Replaces> replaces = {};
    NameAddress shownAs = {}; ///< for whom a phone of the exchange's own calls; without a user: for itself
};

/// RFC 3515: a device wants the other one of its call to talk to somebody else.
struct ReferRequest {
    std::string target; ///< user part of Refer-To, unescaped
    std::optional<DialogId>
        replaces; ///< a call of the same device with us, whose far end is meant (RFC 3891)
};

/// What a device answers to an INVITE or re-INVITE.
struct Reply {
    int status = 0;  ///< 100 to 699
    std::string sdp; ///< empty: none
    std::optional<NameAddress> contact =
        {}; ///< of 301 and 302: whom it sends the call to; host in lower case
};

inline constexpr const char* kUserBusy = "user-busy";

/// Who sent a call elsewhere (RFC 5806).
struct Diversion {
    std::string name; ///< of the object; stays inside
    std::string number;
    const char* reason =
        "unknown"; ///< a literal: unconditional, user-busy, no-answer, unavailable or deflection
};

/// Who is at the other end of a call, as that call's end shall see it.
struct Peer {
    std::string name;           ///< of the object; stays inside
    NameAddress shown;          ///< as OutgoingInvite::from
    std::string conferenceGuid; ///< 32 hex digits
    bool operator==(const Peer&) const = default;
};

/// How the media of a device finds its way (RFC 8445).
enum class IceUse : std::uint8_t {
    Lite,  ///< a device that offers ICE is answered by the relay itself
    Full,  ///< an agent of ours gathers candidates and makes checks
    Relay, ///< the same, by TURN alone
    Off,   ///< what the device says of ICE is not heard
};

/// A call to a device that is registered, or to a trunk.
struct OutgoingInvite {
    std::string uri;  ///< Request-URI: the device's contact
    Source way;       ///< where the device was last heard, the way back through NAT (RFC 3581)
    NameAddress from; ///< as the called person shall see it
    NameAddress to;
    std::string sdp;            ///< empty: the device shall make the offer
    std::string conferenceGuid; ///< 32 hex digits, told as Conf-ID
    /// Who we are to whoever asks, in this request and in those that follow in its dialog; null: nobody.
    std::shared_ptr<const DigestAccount> account = {};
    std::optional<NameAddress> asserted = {};  ///< P-Asserted-Identity (RFC 3325 9.1): who really calls
    std::optional<NameAddress> preferred = {}; ///< P-Preferred-Identity (9.2): which of ours is meant
    bool isPrivate = false;                    ///< `Privacy: id` (9.3): the called person shall not see them
    /// Of a server `host` or `host:port`, as people name it: by TLS that is looked up instead of taking the
    /// way, since its certificate must be for that (RFC 5922). It answers at once or is out of order (408
    /// after 5 s), while telephones may have to wake up. Empty: a telephone.
    std::string server = {};
    std::vector<Diversion> diversions = {}; ///< the newest first, told as Diversion (RFC 5806)
    IceUse ice = IceUse::Lite;              ///< for who stands before the stack, which looks at no media
};

} // namespace sr::sip
