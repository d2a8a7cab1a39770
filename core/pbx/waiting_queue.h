// SPDX-License-Identifier: GPL-3.0-or-later
// Who waits, and which operator is rung for whom: the rules of a waiting queue, without calls.
#pragma once

#include "core/base/clock.h"
#include "core/pbx/registrar.h"

#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace sr::pbx {

struct QueueRules {
    std::size_t most = 200;          ///< callers at once
    std::chrono::seconds ring{15};   ///< that one operator rings
    std::chrono::seconds rest{0};    ///< of an operator behind a call of the queue
    std::chrono::seconds pause{30};  ///< of an operator who did not answer
    std::chrono::seconds longest{0}; ///< that a caller waits before overdue() names him; 0: never
};

/// An operator as the exchange sees him now.
struct QueueOperator {
    enum class Presence : std::uint8_t {
        Away, ///< no device is registered
        Busy, ///< has a call
        Free,
    };
    std::string name;
    bool primary = true; ///< the others help while no primary one is free
    Presence presence = Presence::Away;
};

/// Strictly first in, first out: only the caller who came first is offered, to one operator at a time, and
/// the next caller only when that one is connected or gone. Of several free operators the one who has been
/// idle longest rings alone; who does not answer pauses, and the next one rings for the same caller.
///
/// Owned by one thread; nothing waits. `clock` outlives it.
class WaitingQueue {
public:
    using CallerId = std::uint64_t;
    struct Offer {
        CallerId caller = 0;
        std::string to; ///< name of the operator
        TimePoint since{};
        bool answered = false; ///< they are being connected
    };
    /// For those who watch.
    struct OperatorState {
        QueueOperator who;
        bool offered = false;          ///< rings for the queue, or is being connected
        std::chrono::seconds rests{0}; ///< still
        unsigned missed = 0;           ///< offers that he did not take
    };

    explicit WaitingQueue(const Clock& clock)
        : m_clock(clock)
    {}
    void setRules(const QueueRules& rules) { m_rules = rules; }

    std::optional<CallerId> arrive(); ///< nothing: too many wait
    /// Hung up, or talks to somebody; an offer for him ends.
    void leave(CallerId caller);
    /// He is on his way elsewhere: he keeps his place, but is not offered meanwhile. An offer for him ends.
    void setAside(CallerId caller, bool aside);
    /// Those who have waited too long since they came, or since this named them last.
    std::vector<CallerId> takeOverdue();
    std::optional<std::size_t> position(CallerId caller) const; ///< 1 is next
    std::size_t waiting() const { return m_callers.size(); }

    /// All operators, as they are now. Before nextOffer().
    void observe(std::span<const QueueOperator> operators);
    /// An offer that begins now: that operator is to ring.
    std::optional<Offer> nextOffer();
    const std::optional<Offer>& offer() const { return m_offer; }
    bool hasRungOut() const; ///< the offer: refused() is due
    void answered();         ///< the operator; now the two are connected
    void connected();        ///< the caller has left the queue
    void refused();          ///< by the operator, or connecting failed: he pauses, the caller waits on
    void withdrawn();        ///< the operator is not to blame
    std::vector<OperatorState> operators() const;

private:
    struct Caller {
        CallerId id = 0;
        TimePoint patientSince{};
        bool aside = false;
    };
    struct Staff {
        QueueOperator who;
        TimePoint idleSince{};
        TimePoint restsUntil{};
        bool served = false; ///< has or had a call of the queue, behind which he rests
        unsigned missed = 0;
    };
    Caller* find(CallerId caller);
    const Staff* longestIdle(bool primary) const;

    const Clock& m_clock;
    QueueRules m_rules;
    std::deque<Caller> m_callers; ///< in the order in which they came
    std::map<std::string, Staff> m_staff;
    std::optional<Offer> m_offer;
    CallerId m_last = 0;
};

} // namespace sr::pbx
