// SPDX-License-Identifier: GPL-3.0-or-later
// A call that came to nothing, as call completion has to know it.
#pragma once

#include <cstdint>
#include <string>

namespace sr::pbx {

struct FailedCall {
    enum class Why : std::uint8_t {
        Refused,  ///< busy, or declined
        NoAnswer, ///< it has rung
        Away,     ///< no device is registered
    };
    std::string caller;     ///< names of two users
    std::string callee;     ///< behind all forwards
    std::string dialled;    ///< by the caller
    std::string conference; ///< guid, 32 hex digits; empty: nothing has rung
    Why why = Why::Refused;
};

} // namespace sr::pbx
