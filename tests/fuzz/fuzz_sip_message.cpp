// SPDX-License-Identifier: GPL-3.0-or-later
// Any octets through Sofia's parser and our door into our values, as a datagram comes: bounded by what came.
// links: sr::core_sip PkgConfig::sofia
#include "core/sip/door.h"
#include "core/sip/from_sofia.h"
#include "core/sip/host_text.h"
#include "core/sip/plain_answer.h"
#include "tests/support/idle_handler.h"

#include <sofia-sip/msg.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_parser.h>

#include <cstdlib>
#include <cstring>

namespace {

using namespace sr::sip;

void require(bool kept)
{
    if (!kept)
        std::abort();
}

/// What is sent on as it is must not make lines of its own.
bool isOneLine(const std::string& text)
{
    return text.find_first_of("\r\n") == text.npos;
}

/// Lets in those without credentials.
class Handler final : public sr::test::IdleHandler {
public:
    bool admits(const Knock& knock) override { return knock.authorization.empty(); }
};

/// As Sofia's UDP transport does it.
struct Message {
    Message(const msg_mclass_t* parser, const std::uint8_t* data, std::size_t size)
        : message(msg_create(parser, MSG_DO_EXTRACT_COPY))
    {
        require(message != nullptr);
        su_sockaddr_t* const from = msg_addr(message);
        from->su_sin.sin_family = AF_INET;
        from->su_sin.sin_port = htons(5060);
        from->su_sin.sin_addr.s_addr = htonl(0xc0000207U);
        msg_addrinfo(message)->ai_addrlen = sizeof from->su_sin;
        msg_addrinfo(message)->ai_socktype = SOCK_DGRAM;
        msg_iovec_t piece[1] = {};
        const auto octets = static_cast<usize_t>(size);
        if (size == 0 || msg_recv_iovec(message, piece, 1, octets, 1) != 1)
            return;
        std::memcpy(piece[0].mv_base, data, size);
        msg_recv_commit(message, octets, 1);
        isRead = msg_extract(message) > 0;
    }
    ~Message() { msg_destroy(message); }
    Message(const Message&) = delete;
    Message& operator=(const Message&) = delete;

    msg_t* message;
    bool isRead = false;
};

void requests(const sip_t& sip, const msg_t* message, std::size_t size)
{
    const Knock knock = knockOf(sip, message);
    require(knock.source.transport == Transport::Udp && knock.user.size() <= size);
    const RegisterRequest bound = registerRequestOf(sip, message);
    require(bound.contacts.size() <= size && bound.userAgent.size() <= size);
    require(isOneLine(bound.domain));
    for (const Contact& contact : bound.contacts)
        require(isOneLine(contact.uri) && isOneLine(contact.instance));
    const InviteRequest invite = inviteRequestOf(sip, message);
    require(invite.sdp.size() <= size && invite.target.size() <= size && invite.from.user.size() <= size);
    require(isOneLine(invite.from.host) && isOneLine(invite.to.host));
    require(!invite.identity ||
            (invite.identity->display.size() <= size && isOneLine(invite.identity->host)));
    const SubscribeRequest subscribe = subscribeRequestOf(sip, message);
    require(subscribe.accept.size() <= size && subscribe.event.size() <= size);
    require(publishRequestOf(sip, message).body.size() <= size);
    require(messageRequestOf(sip, message).charset.size() <= size);
    const ReferRequest refer = referRequestOf(sip);
    require(!refer.replaces || refer.replaces->callId.size() + refer.replaces->localTag.size() <= size);
    require(contentTypeOf(sip).size() <= size && sdpOf(sip).size() <= size);
    if (sip.sip_request != nullptr)
        require(returnedHeaders(sip, knock.source.address).find("\r\n\r\n") == std::string::npos);
    RegisterAnswer granted;
    granted.contacts = bound.contacts;
    require(std::ranges::count(registerHeaders(granted), '\n') == (bound.contacts.empty() ? 0 : 1));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size > 65535) // no datagram is longer
        return 0;
    static Handler handler;
    static const Door& door = *new Door(handler); // its list is gone before what is static
    // Behind the door, and as it comes to the door, which answers OPTIONS.
    for (const msg_mclass_t* parser : {door.messageClass(), sip_default_mclass()}) {
        const Message came(parser, data, size);
        const auto* const sip = reinterpret_cast<const sip_t*>(msg_object(came.message));
        if (!came.isRead || sip == nullptr)
            continue;
        requests(*sip, came.message, size); // of a status as well: what is not there is empty
        const RegisterReply reply = registerReplyOf(*sip, came.message, "anna");
        require(reply.challenges.size() + reply.proxyChallenges.size() <= size);
    }
    (void)endpointOfUri({reinterpret_cast<const char*>(data), size});
    return 0;
}
