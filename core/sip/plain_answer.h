// SPDX-License-Identifier: GPL-3.0-or-later
// Answers without a transaction (RFC 3261 8.2.7). Internal to core/sip.
#pragma once

#include "core/base/endpoint.h"
#include "core/sip/sip_types.h"

#include <string>

extern "C" {
struct sip_s;
}

namespace sr::sip {

/// The headers that an answer takes from its request, which came by UDP from `from`: Via to CSeq, each with
/// its line end, the same for one that comes again. Empty if it is not as plain as that: whoever answers then
/// must be asked to refuse, or to do better.
std::string returnedHeaders(const sip_s& sip, const Endpoint& from);
/// `headers`: further ones, each with its line end.
std::string plainAnswer(int status, const char* reason, const std::string& returned,
                        const std::string& headers);
/// Those that say what became of a REGISTER (RFC 3261 10.3, 20.33, 22.4).
std::string registerHeaders(const RegisterAnswer& answer);

} // namespace sr::sip
