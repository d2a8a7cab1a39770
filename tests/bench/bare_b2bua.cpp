// SPDX-License-Identifier: GPL-3.0-or-later
// The least that two dialogs of Sofia-SIP can be made into: every call goes to one device, nobody is asked
// who he is, nothing is kept. What bench_calls measures the exchange against.
//   bare_b2bua PORT DEVICE_PORT
struct Call;
#define NUA_HMAGIC_T Call // NOLINT: how Sofia is told the types
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nua.h>
#include <sofia-sip/nua_tag.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/soa_tag.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>

#include <cstdio>
#include <cstdlib>
#include <string>

struct Call {
    nua_handle_t* caller = nullptr;
    nua_handle_t* callee = nullptr;
};

namespace {

std::string g_device; // its URI
std::string g_self;

void end(Call* call)
{
    for (nua_handle_t* leg : {call->caller, call->callee}) {
        nua_handle_bind(leg, nullptr);
        nua_handle_destroy(leg);
    }
    delete call;
}

void onInvite(nua_t* nua, nua_handle_t* leg, const sip_t* sip)
{
    auto* call = new Call{leg};
    nua_handle_bind(leg, call);
    nua_respond(leg, SIP_180_RINGING, TAG_END());
    call->callee =
        nua_handle(nua, call, SIPTAG_TO_STR(g_device.c_str()), SIPTAG_FROM_STR(g_self.c_str()), TAG_END());
    nua_invite(call->callee, NUTAG_URL(g_device.c_str()), SIPTAG_CONTENT_TYPE_STR("application/sdp"),
               SIPTAG_PAYLOAD(sip->sip_payload), TAG_END());
}

void onRegister(nua_t* nua, nua_handle_t* handle, const sip_t* sip)
{
    nua_respond(handle, SIP_200_OK, NUTAG_WITH_THIS(nua), SIPTAG_CONTACT(sip->sip_contact), TAG_END());
    nua_handle_destroy(handle);
}

void onAnswer(Call* call, nua_handle_t* leg, int status, const char* phrase, const sip_t* sip)
{
    if (status == 200 && leg == call->callee) {
        nua_ack(leg, TAG_END());
        nua_respond(call->caller, SIP_200_OK, SIPTAG_CONTENT_TYPE_STR("application/sdp"),
                    SIPTAG_PAYLOAD(sip->sip_payload), TAG_END());
    } else if (status >= 300) {
        nua_respond(call->caller, status, phrase, TAG_END());
    }
}

void onEvent(nua_event_t event, int status, const char* phrase, nua_t* nua, nua_magic_t*, nua_handle_t* leg,
             Call* call, const sip_t* sip, tagi_t*)
{
    if (event == nua_i_invite && call == nullptr)
        onInvite(nua, leg, sip);
    else if (event == nua_i_register && sip != nullptr)
        onRegister(nua, leg, sip);
    else if (call == nullptr)
        return;
    else if (event == nua_r_invite)
        onAnswer(call, leg, status, phrase, sip);
    else if (event == nua_i_bye)
        nua_bye(leg == call->caller ? call->callee : call->caller, TAG_END());
    else if (event == nua_r_bye && status >= 200)
        end(call);
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3)
        return 2;
    g_device = "sip:200@127.0.0.1:" + std::string(argv[2]);
    g_self = "<sip:100@127.0.0.1:" + std::string(argv[1]) + ">";
    su_init();
    su_log_set_level(nullptr, 0);
    su_root_t* const root = su_root_create(nullptr);
    su_root_threading(root, 0);
    const std::string here = "sip:127.0.0.1:" + std::string(argv[1]) + ";transport=udp";
    nua_t* const nua = nua_create(root, onEvent, nullptr, NUTAG_URL(here.c_str()), NUTAG_MEDIA_ENABLE(0),
                                  NUTAG_ALLOW("REGISTER"), NUTAG_APPL_METHOD("REGISTER"), NUTAG_AUTOALERT(0),
                                  NUTAG_AUTOANSWER(0), NUTAG_AUTOACK(0), NUTAG_SESSION_TIMER(0), TAG_END());
    if (nua == nullptr)
        return 1;
    std::puts("ready");
    std::fflush(stdout);
    su_root_run(root);
    return 0;
}
