// SPDX-License-Identifier: GPL-3.0-or-later
// Open calls by Call-ID, by the time when each is looked at again, and the short memory of those handed out.
#pragma once

#include "core/capture/tracked_call.h"

#include <deque>
#include <memory>
#include <set>
#include <unordered_map>

namespace sr::capture {

/// Capture thread only.
class CallTable {
public:
    static constexpr seconds kRemembered{64}; ///< stragglers of ended calls: two times 64 * T1
    static constexpr std::size_t kMaxRemembered = 200'000;

    TrackedCall* find(std::string_view callId) const;
    TrackedCall& add(std::string_view callId);
    /// After `call.due` was set anew.
    void schedule(TrackedCall& call);
    /// The call that is due by `now`, earliest first; null if none is.
    TrackedCall* nextDue(UtcTime now) const;
    TrackedCall* earliest() const { return m_due.empty() ? nullptr : m_due.begin()->second; }
    /// Forgets the call but for its Call-ID, which stays known as ended.
    void remove(TrackedCall& call, UtcTime now);

    /// Whether this INVITE's CSeq or From tag is news after the call of that Call-ID was handed out; any
    /// other message of it is a straggler. Calls never seen: nothing.
    std::optional<bool> newsAfterEnd(std::string_view callId, std::uint32_t cseq,
                                     std::string_view fromTag) const;
    void forgetEnded(UtcTime now);

    std::size_t size() const { return m_calls.size(); }
    template <typename Visitor>
    void each(Visitor&& visitor)
    {
        for (auto& [id, one] : m_calls)
            visitor(*one.call);
    }

private:
    struct Text {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };
    struct Entry {
        std::unique_ptr<TrackedCall> call;
        UtcTime scheduled{};
    };
    struct Ended {
        UtcTime at{};
        std::uint32_t cseq = 0;
        std::size_t fromTag = 0; ///< hash
    };
    struct DueOrder {
        bool operator()(const std::pair<UtcTime, TrackedCall*>& a,
                        const std::pair<UtcTime, TrackedCall*>& b) const
        {
            return a.first != b.first ? a.first < b.first : a.second->serial < b.second->serial;
        }
    };
    std::unordered_map<std::string, Entry, Text, std::equal_to<>> m_calls;
    std::set<std::pair<UtcTime, TrackedCall*>, DueOrder> m_due;
    std::unordered_map<std::string, Ended, Text, std::equal_to<>> m_ended;
    std::deque<std::pair<UtcTime, std::string>> m_endedOrder;
    std::uint64_t m_serial = 0;
};

} // namespace sr::capture
