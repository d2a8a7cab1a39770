// SPDX-License-Identifier: GPL-3.0-or-later
// Captures written by a phone or gateway: what their names and fixed ports say.
#pragma once

#include "core/base/endpoint.h"

#include <optional>
#include <string>
#include <string_view>

namespace sr::capture {

inline constexpr std::uint16_t kPhoneLocalPort = 16386;
inline constexpr std::uint16_t kPhoneRemotePort = 16388;

struct PhoneFileName {
    std::string guid;     ///< conference guid, 32 lower-case hex digits
    std::string deviceId; ///< `mac-serial` or `mac-serial-name`, as written
};

/// `<guid>-<mac>-<serial>(-<reg-name>)`, folders before and an extension of captures behind it aside. The MAC
/// is 12 hex digits or six hyphenated pairs, the guid may be hyphenated. Nothing for other names.
std::optional<PhoneFileName> phoneFileName(std::string_view path);
/// The older name: one long number, nothing else. Its guid is empty if it is none; that a phone wrote the
/// file only its ports can tell.
std::optional<PhoneFileName> bareFileName(std::string_view path);

/// A dialog that an exchange of ours has written about its own call of that guid (pbx::CallTranscript): in a
/// file with a name as above it is that very call all the same, and no phone's view of it.
bool isExchangeDialog(std::string_view callId, std::string_view guid) noexcept;

/// Both ends use the fixed ports, in either order.
bool hasPhonePorts(const Endpoint& from, const Endpoint& to) noexcept;
/// Of such a stream: the recording device's own user speaks.
inline bool isLocalSpeech(const Endpoint& from) noexcept
{
    return from.port == kPhoneLocalPort;
}

} // namespace sr::capture
