// SPDX-License-Identifier: GPL-3.0-or-later
// A key as SIP INFO tells it: application/dtmf-relay, and application/dtmf of some phones.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sr::pbx {

struct KeyInfo {
    char symbol = '0';                     ///< `0`-`9` `*` `#` `A`-`D`, `!` for flash
    std::chrono::milliseconds length{250}; ///< as said, else the usual one
};

/// Nothing for other types, or for what names no key.
std::optional<KeyInfo> keyOfInfo(std::string_view contentType, std::string_view body);
/// As application/dtmf-relay.
std::string bodyOfInfo(const KeyInfo& key);

} // namespace sr::pbx
