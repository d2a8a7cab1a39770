// SPDX-License-Identifier: GPL-3.0-or-later
// A plugin of Sofia's authentication clients. One client is one realm at one handle.
#include "core/sip/nua_digest.h"

#define SOFIA_EXTEND_AUTH_CLIENT 1 // the layout that the library was built with
#include <sofia-sip/auth_client.h>
#include <sofia-sip/auth_client_plugin.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_alloc.h>
#include <sofia-sip/url.h>

#include <cstdlib>
#include <map>

namespace sr::sip {
namespace {

using Account = std::shared_ptr<const DigestAccount>;

/// By ticket. Handles and sessions of a stack live on its control thread.
thread_local std::map<std::string, Account> t_accounts;

struct State {
    Account account;
    std::vector<std::string> asked; ///< challenges since the last answer: one for each algorithm
    DigestResponder responder;
    std::string lastNonce;
    bool hasAnswered = false;
};

struct Client {
    auth_client_t base; ///< first: Sofia knows no more
    State* state;       ///< null until the first challenge
};

Client& clientOf(auth_client_t* base)
{
    return *reinterpret_cast<Client*>(base);
}

void forget(void* home)
{
    delete clientOf(static_cast<auth_client_t*>(home)).state;
}

State& stateOf(auth_client_t* base)
{
    Client& client = clientOf(base);
    if (client.state == nullptr) {
        client.state = new State;
        su_home_destructor(client.base.ca_home, forget);
    }
    return *client.state;
}

std::string textOf(const msg_auth_t& challenge)
{
    std::string value = challenge.au_scheme;
    for (const msg_param_t* p = challenge.au_params; p != nullptr && *p != nullptr; ++p)
        value.append(p == challenge.au_params ? " " : ", ").append(*p);
    return value;
}

/// 2 asks Sofia to send the request again, though it has had an answer to a challenge; 1 leaves that to it.
int takeChallenge(auth_client_t* base, const msg_auth_t* challenge)
{
    State& state = stateOf(base);
    std::string text = textOf(*challenge);
    const auto read = parseDigestChallenge(text);
    if (!read)
        return 1;
    state.asked.push_back(std::move(text));
    const bool isNew = !state.hasAnswered || (read->isStale && read->nonce != state.lastNonce);
    return isNew ? 2 : 1;
}

int authorize(auth_client_t* base, su_home_t* home, const char* method, const url_t* url,
              const msg_payload_t* /*body*/, msg_header_t** header)
{
    State& state = stateOf(base);
    if (const auto best = bestChallenge(state.asked)) {
        (void)state.responder.take(state.asked, false); // whether to go on has been said by takeChallenge()
        state.lastNonce = best->nonce;
    }
    state.asked.clear();
    state.hasAnswered = true;
    if (!state.account || !state.responder.canAnswer())
        return 0;
    const char* const uri = url_as_string(home, url);
    if (uri == nullptr)
        return -1;
    const std::string value = state.responder.answer(*state.account, method, uri);
    *header = msg_header_make(home, base->ca_credential_class, value.c_str());
    return *header != nullptr ? 0 : -1;
}

int clearAccount(auth_client_t* base)
{
    base->ca_clear = 1;
    return 1;
}

/// `name` is that of a ticket. The realm does not matter: the account is that of one provider.
int takeAccount(auth_client_t* base, const char* /*scheme*/, const char* /*realm*/, const char* name,
                const char* /*password*/)
{
    const auto found = t_accounts.find(name);
    if (found == t_accounts.end())
        return -1;
    stateOf(base).account = found->second;
    if (base->ca_user == nullptr) { // Sofia asks whether they are there
        base->ca_user = su_strdup(base->ca_home, name);
        base->ca_pass = su_strdup(base->ca_home, name);
    }
    base->ca_clear = 0;
    return 1;
}

constexpr auth_client_plugin_t pluginNamed(const char* name)
{
    auth_client_plugin_t plugin{};
    plugin.auc_plugin_size = sizeof(auth_client_plugin_t);
    plugin.auc_size = sizeof(Client);
    plugin.auc_name = name;
    plugin.auc_challenge = takeChallenge;
    plugin.auc_authorize = authorize;
    plugin.auc_clear = clearAccount;
    plugin.auc_save_credentials = takeAccount;
    return plugin;
}

/// Whether the client that Sofia makes for a challenge is ours.
bool isInstalled()
{
    su_home_t* const home = su_home_create();
    auth_client_t* clients = nullptr;
    const sip_www_authenticate_t* const asked =
        sip_www_authenticate_make(home, "Digest realm=\"x\", nonce=\"y\", algorithm=SHA-256, qop=\"auth\"");
    const bool isOurs = asked != nullptr &&
                        auc_challenge(&clients, home, asked, sip_authorization_class) == 1 &&
                        clients != nullptr && clients->ca_auc->auc_challenge == takeChallenge;
    su_home_unref(home);
    return isOurs;
}

} // namespace

/// Sofia 1.12.11 replaces the first plugin whose name, capitals counted, is another; its own `Digest` is the
/// first of all, and schemes are compared without capitals. Others replace the one of the same name.
void installDigest()
{
    static const auth_client_plugin_t small = pluginNamed("digest");
    static const auth_client_plugin_t capital = pluginNamed("Digest");
    for (const auth_client_plugin_t* plugin : {&small, &capital})
        if (auc_register_plugin(plugin) == 0 && isInstalled())
            return;
    std::abort();
}

DigestTicket::DigestTicket(std::shared_ptr<const DigestAccount> account)
{
    static thread_local std::uint64_t count = 0;
    m_name = std::to_string(++count);
    m_text = "Digest:\"\":" + m_name + ":" + m_name;
    t_accounts.emplace(m_name, std::move(account));
}

DigestTicket::~DigestTicket()
{
    t_accounts.erase(m_name);
}

} // namespace sr::sip
