// SPDX-License-Identifier: GPL-3.0-or-later
// What NOTIFY and PUBLISH carry: PIDF (RFC 3863) with activities (RFC 4480), dialog-info (RFC 4235), and
// message-summary (RFC 3842). Any thread.
#pragma once

#include "core/pbx/call_observer.h"
#include "core/pbx/presence.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sr::pbx {

inline constexpr const char* kPidfType = "application/pidf+xml";
inline constexpr const char* kDialogInfoType = "application/dialog-info+xml";
inline constexpr const char* kMessageSummaryType = "application/simple-message-summary";

/// Of a mailbox.
struct MessageCounts {
    std::uint32_t fresh = 0;
    std::uint32_t old = 0;
    bool operator==(const MessageCounts&) const = default;
};

// `entity`: the URI of whom the document is about. Texts are UTF-8; what XML cannot carry is left out.

/// Dnd is written as `busy` and, for those who know it, `<other>dnd</other>`.
std::string writePidf(const std::string& entity, const Presence& presence);
/// All of the user's calls (`state="full"`). `host`: of the URIs of the other sides.
std::string writeDialogInfo(const std::string& entity, const std::string& host, std::uint32_t version,
                            const std::vector<CallState>& calls);
std::string writeMessageSummary(const std::string& account, MessageCounts counts);

/// What a device says of its user: open if any tuple is, the first activity that is known, the first note.
/// Nothing: it is no PIDF, has a document type, or is larger than 16 KiB or 32 elements deep.
std::optional<Presence> parsePidf(std::string_view document);

} // namespace sr::pbx
