// SPDX-License-Identifier: GPL-3.0-or-later
// Completion of calls to who is busy, does not answer or is not registered: who has asked to be called back,
// and whose turn it is. The rules, without calls.
#pragma once

#include "core/base/error.h"
#include "core/pbx/failed_call.h"
#include "core/pbx/registrar.h"

#include <deque>
#include <functional>
#include <map>
#include <unordered_map>
#include <vector>

namespace sr::pbx {

/// Names of the timers are those of 3GPP TS 23.093 and ETSI EN 300 357.
struct CompletionRules {
    std::chrono::seconds retention{60};      ///< that a call which failed can be asked for
    std::chrono::seconds busy{45 * 60};      ///< that a request behind a busy call lasts (T2)
    std::chrono::seconds noAnswer{3 * 3600}; ///< behind one without an answer
    std::chrono::seconds guard{5};           ///< that who becomes free may call first (T4)
    std::chrono::seconds recall{20};         ///< that the caller rings (T3)
    std::size_t perCaller = 5;
    std::size_t perCallee = 5;
};

/// Requests for one callee are served strictly in their order and one at a time; one whose caller is busy
/// keeps its place and lets the next one go first (TS 22.093 4.2: suspended).
///
/// A busy callee is waited for until all calls are over. Who did not answer must first show to be there: end
/// a call, or register.
///
/// Owned by one thread; nothing waits. `clock` outlives it.
class CallCompletion {
public:
    using Id = std::uint64_t;
    struct Request {
        Id id = 0;
        std::string caller; ///< names
        std::string callee;
        std::string dialled;     ///< by the caller, to reach the callee
        bool awaitsSign = false; ///< the callee has to show to be there first
        TimePoint ends{};
        bool underWay = false; ///< it is being served
    };
    /// Whether somebody is registered and has no call.
    using IsFree = std::function<bool(const std::string& user)>;

    explicit CallCompletion(const Clock& clock, const CompletionRules& rules = {})
        : m_clock(clock)
        , m_rules(rules)
    {}

    const CompletionRules& rules() const { return m_rules; }
    /// The last one of the caller is what request() means. `isBusy`: the callee has another call.
    void failed(const FailedCall& call, bool isBusy);
    /// Asking again changes nothing. Errors: PbxErrc::NotFound if no call has failed so lately that a user of
    /// this exchange was meant by; TooMany.
    Status request(const std::string& caller);
    std::size_t cancel(const std::string& caller); ///< all that the caller has asked for; how many
    void forget(const std::string& user);          ///< is gone: what it asked for, and what was asked for it
    void talked(const std::string& caller, const std::string& callee); ///< nothing is left to complete

    bool watches(const std::string& callee) const { return m_callees.contains(callee); }
    std::vector<std::string> watched() const; ///< callees, by name
    void showed(const std::string& callee);   ///< to be there
    void freed(const std::string& callee);    ///< the last call is over, now

    /// Whose caller is to be rung now, if `isFree` says that both are free: one at most of each callee and
    /// caller. It is under way until done() or again().
    std::vector<Request> takeDue(const IsFree& isFree);
    void done(Id id);                 ///< it has been served, or is wanted no longer
    void again(Id id);                ///< keeps its place: a call of one of both came first
    std::vector<Request> all() const; ///< by callee, in the order in which they are served

private:
    struct Failed {
        FailedCall call;
        bool isBusy = false;
        TimePoint at{};
    };
    struct Callee {
        std::deque<Request> requests;
        TimePoint freeSince{};
    };
    void dropOld();
    std::size_t countOf(const std::string& caller) const;
    bool isWanted(const std::string& user) const; ///< by what is under way
    void eraseIf(const std::function<bool(const Request&)>& gone);

    const Clock& m_clock;
    const CompletionRules m_rules;
    std::unordered_map<std::string, Failed> m_failed; ///< by caller
    std::map<std::string, Callee> m_callees;          ///< by name; those with requests only
    Id m_last = 0;
};

} // namespace sr::pbx
