// SPDX-License-Identifier: GPL-3.0-or-later
// Sofia's tags are its settings; those of sounds and of what it would do by itself are off.
#include "core/sip/nua_agent.h"

#include "core/sip/event_types.h"
#include "core/sip/session_body.h"

#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport_tag.h>

namespace sr::sip {
namespace {

constexpr unsigned kMaxMessage = 64U << 10U; ///< [octets]
/// [octets] A second of a flood waits in the socket while the stack is busy; the system's 200 kB lost what
/// came in 50 ms.
constexpr unsigned kReceiveBuffer = 1U << 22U;
constexpr const char* kMethods = "INVITE, ACK, CANCEL, BYE, UPDATE, PRACK, INFO, REFER, NOTIFY, OPTIONS, "
                                 "REGISTER, SUBSCRIBE, PUBLISH, MESSAGE";
constexpr const char* kExtensions = "timer, 100rel, replaces";
constexpr unsigned kRingSeconds = 180; ///< for a device that never answers
/// When Sofia closes a connection on which nothing has come: above the longest registration, for calls come
/// over it until that runs out.
constexpr unsigned kIdleMs = 2 * 3600 * 1000;

/// nua_create() that cannot listen keeps the share of the loop that it took.
void giveShareBack(su_root_t* root)
{
    su_task_r share{*su_root_task(root)};
    su_task_deinit(share);
}

} // namespace

nua_t* createAgent(const AgentOptions& options)
{
    nua_t* const agent =
        nua_create(options.root, options.onEvent, options.magic, NUTAG_URL(options.url.c_str()),
                   NUTAG_MEDIA_ENABLE(0), SIPTAG_ALLOW_STR(kMethods),
                   // one each: Sofia reads past the end of the list that it merges a longer one into
                   NUTAG_APPL_METHOD("REGISTER"), NUTAG_APPL_METHOD("UPDATE"), NUTAG_APPL_METHOD("REFER"),
                   NUTAG_APPL_METHOD("SUBSCRIBE"), NUTAG_APPL_METHOD("PUBLISH"), NUTAG_APPL_METHOD("MESSAGE"),
                   SIPTAG_ALLOW_EVENTS_STR(kEventPackages), SIPTAG_SUPPORTED_STR(kExtensions),
                   NUTAG_AUTOALERT(0), NUTAG_AUTO100(0), // see nua_late_trying.h
                   NUTAG_AUTOANSWER(0), NUTAG_AUTOACK(0), NUTAG_SESSION_TIMER(0), NUTAG_UPDATE_REFRESH(1),
                   NUTAG_RETRY_COUNT(0), // no device shall send a call wherever it likes (3xx)
                   NUTAG_INVITE_TIMER(kRingSeconds), SIPTAG_USER_AGENT_STR(options.product.c_str()),
                   NTATAG_MAXSIZE(kMaxMessage), NTATAG_MCLASS(options.parser),
                   NTATAG_SERVER_RPORT(2),                  // phones behind NAT often do not ask (RFC 3581)
                   TPTAG_IDLE(kIdleMs), TPTAG_PONG2PING(1), // RFC 5626 3.5.1
                   TPTAG_UDP_RMEM(kReceiveBuffer), TAG_NEXT(options.more));
    if (agent == nullptr)
        giveShareBack(options.root);
    return agent;
}

std::string abilities(const std::string& product)
{
    return std::string("Allow: ") + kMethods + "\r\nAccept: " + kSdpType + "\r\nSupported: " + kExtensions +
           "\r\nUser-Agent: " + product + "\r\n";
}

} // namespace sr::sip
