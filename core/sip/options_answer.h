// SPDX-License-Identifier: GPL-3.0-or-later
// The answer to OPTIONS, without a transaction (RFC 3261 8.2.7, 11.2). Internal to core/sip.
#pragma once

#include "core/base/endpoint.h"

#include <string>

extern "C" {
struct sip_s;
}

namespace sr::sip {

/// 200 with `headers`, for a request that came by UDP from `from`. Empty if it is not as plain as that:
/// whoever answers then must be asked to refuse, or to do better.
std::string optionsAnswer(const sip_s& sip, const Endpoint& from, const std::string& headers);

} // namespace sr::sip
