// SPDX-License-Identifier: GPL-3.0-or-later
// Registrations as they stand in a file between two runs of the service.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"
#include "core/sip/sip_types.h"

#include <string_view>

namespace sr::pbx {

/// A device that registered by UDP.
struct KeptBinding {
    std::string user;  ///< name
    std::string proof; ///< of the password it had, as BindingKeeper makes it
    std::string uri;   ///< of its Contact
    std::string instance;
    std::string userAgent;
    std::string callId;
    std::string domain; ///< as its REGISTER had it
    std::uint32_t cseq = 0;
    Endpoint device;   ///< where it was heard from
    Endpoint listener; ///< of ours, where it came to
    UtcTime ends{};
    bool operator==(const KeptBinding&) const = default;
};

/// What was read, and how many lines were none.
struct KeptBindings {
    std::vector<KeptBinding> all;
    std::size_t unread = 0;
};

constexpr std::uint64_t kBindingFileMost = 16U << 20; ///< [octets]
constexpr std::size_t kBindingLineMost = 2048;        ///< [octets] devices that say more are not kept

/// A head, then a line for each, whose words have blanks, `%` and controls as `%20`. Lines that would be too
/// long are left out, and those behind kBindingFileMost.
std::string writeBindings(const std::vector<KeptBinding>& all);
/// Errors: BaseErrc::Malformed without the head, TooLarge above kBindingFileMost. Any octets.
Result<KeptBindings> parseBindings(std::string_view text);

} // namespace sr::pbx
