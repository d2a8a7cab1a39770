// SPDX-License-Identifier: GPL-3.0-or-later
// A user agent of Sofia for one listener, with all that is the same for each. Internal to core/sip.
#pragma once

#include <sofia-sip/msg_types.h>
#include <sofia-sip/nua.h>

#include <string>

namespace sr::sip {

struct AgentOptions {
    su_root_t* root;
    nua_callback_f onEvent;
    nua_magic_t* magic;
    const std::string& url; ///< where it listens
    const std::string& product;
    const msg_mclass_t* parser;
    const tagi_t* more; ///< of its transport; null: none
};

/// Thread of the root. Null: it cannot listen there.
nua_t* createAgent(const AgentOptions& options);
/// Header fields that say what we can do (RFC 3261 11.2), each with its end of line.
std::string abilities(const std::string& product);

} // namespace sr::sip
