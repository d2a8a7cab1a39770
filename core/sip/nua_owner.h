// SPDX-License-Identifier: GPL-3.0-or-later
// What one of Sofia's handles belongs to. Internal to core/sip.
#pragma once

#include <sofia-sip/nua.h>

namespace sr::sip {

class NuaOwner {
public:
    virtual ~NuaOwner() = default;
    /// Whatever Sofia says of the handle. The owner may be gone afterwards.
    virtual void onEvent(nua_event_t event, int status, const sip_t* sip, tagi_t* tags) = 0;
    /// Somebody has said that he works on a request of the handle's (100).
    virtual void onTrying() {}

    /// As the handle keeps it.
    static nua_hmagic_t* magicOf(NuaOwner* owner) { return reinterpret_cast<nua_hmagic_t*>(owner); }
    static NuaOwner* of(nua_hmagic_t* magic) { return reinterpret_cast<NuaOwner*>(magic); }
};

} // namespace sr::sip
