// SPDX-License-Identifier: GPL-3.0-or-later
// One SIP message on its way through DialogFollower, and what its parts say of it.
#pragma once

#include "core/capture/dialog_follower.h"
#include "core/capture/sip_text.h"

namespace sr::capture {

inline constexpr std::size_t kMaxDetail = 256; ///< of a flow event [octets]
inline constexpr std::size_t kMaxTags = 64;

struct DialogFollower::Step {
    const SipMessage& message;
    const Datagram& datagram;
    Party by;   ///< who sent it
    bool first; ///< not a retransmission, a double or another hop

    UtcTime time() const { return datagram.time; }
    /// Of the party that was called.
    std::string_view calleeTag() const
    {
        return (by == Party::Caller) == message.isRequest() ? message.toTag() : message.fromTag();
    }
    std::string_view callerTag() const
    {
        return (by == Party::Caller) == message.isRequest() ? message.fromTag() : message.toTag();
    }
};

inline void addTag(std::vector<std::string>& tags, std::string_view tag)
{
    if (!tag.empty() && tags.size() < kMaxTags && std::find(tags.begin(), tags.end(), tag) == tags.end())
        tags.emplace_back(tag);
}

inline std::string shortened(std::string_view text)
{
    return displayText(trimLws(text).substr(0, kMaxDetail));
}

inline std::string_view topBranch(const SipMessage& message)
{
    std::string_view via = message.header(SipHeader::Via);
    via = via.substr(0, findOutside(via, ',', false));
    return parameter(via, "branch");
}

inline std::string target(std::string_view address)
{
    const auto parsed = parseAddress(address);
    return parsed ? shortened(std::string(parsed->uri.scheme) + ":" + unescape(parsed->uri.user) +
                              (parsed->uri.host.empty() ? "" : "@" + std::string(parsed->uri.host)))
                  : shortened(address);
}

} // namespace sr::capture
