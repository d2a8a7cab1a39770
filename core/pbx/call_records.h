// SPDX-License-Identifier: GPL-3.0-or-later
// From what happens in calls to call data records: one for each call and object, with the events that the
// reference gives them.
#pragma once

#include "core/base/clock.h"
#include "core/cdr/call_data_record.h"
#include "core/pbx/call_observer.h"
#include "core/pbx/number_node.h"
#include "core/pbx/q850.h"

#include <functional>
#include <memory>
#include <unordered_map>

namespace sr::pbx {

/// One object's part in one call; 0 is none.
using LegId = std::uint64_t;

/// An object of the exchange, as records show it.
struct RecordParty {
    std::string guid; ///< objectGuid()
    std::string cn;   ///< long name
    std::string e164; ///< number from the root
    std::string h323; ///< name
    std::string device = {};
    std::string pseudo = {}; ///< kind, if it is no user
    std::vector<cdr::CdrGroup> groups = {};
    bool external = false;                       ///< no number came, or none of the private plan
    std::optional<cdr::CdrParty> endpoint = {};  ///< who is really reached, behind a trunk
    std::optional<cdr::CdrParty> shown = {};     ///< as others see whom they talk to there; none: the object
    std::shared_ptr<const NumberNode> node = {}; ///< around it; null: the root
};

struct ToldEvent;
struct ToldParty;

/// 32 hex digits that stay as long as the object's name.
std::string objectGuid(std::string_view name);

/// Records of all calls that run. Control thread, nothing waits.
///
/// A call begins with beginCaller(); each object that is called joins with beginCallee() and is alerted(),
/// connected() or released(). What call control does then, forwarding, transferring and picking up, is told
/// in one word each. A leg's id is good until its record is finished; later words about it are ignored.
///
/// Where an object stays responsible for a call that it is no longer part of (it forwarded or transferred),
/// a record of it follows the leg that remains and gets a copy of what that leg's record gets, times
/// included, as in the reference. Numbers of others are told from the root; each record has what is dialled
/// for them in its object's node, and `root` where that is another one.
class CallRecords {
public:
    using Record = std::shared_ptr<const cdr::CallDataRecord>;
    using Sink = std::function<void(Record)>; ///< gets finished records; must not wait
    struct Identity {
        std::string sys; ///< name of the system
        std::string pbx = ".";
        std::function<seconds(UtcTime)> utcOffset = {}; ///< of the time zone, east of Greenwich; none: UTC
    };
    CallRecords(Sink sink, Identity identity, const Clock& clock);
    ~CallRecords(); ///< open records are given up; dropAll() first, or keep openRecords()
    CallRecords(const CallRecords&) = delete;
    CallRecords& operator=(const CallRecords&) = delete;

    /// Is told how each leg gets on; null: nobody is.
    void setObserver(CallObserver* observer) { m_observer = observer; }

    /// `conf`: guid of the conference, 32 hex digits.
    LegId beginCaller(RecordParty who, std::string conf);
    /// Once for an object, however many devices of it ring. The caller does not ring itself; one that is
    /// connected is being handed over to that object.
    LegId beginCallee(LegId caller, RecordParty who);
    void alerted(LegId callee);
    /// Others that the caller rings are released with cause 26. `device`: which one answered. Nothing while
    /// the caller is connected to somebody who has not handed it over yet.
    void connected(LegId callee, std::string device = {});

    /// The object of a connected leg wants to hear nothing of its partner, or wants it again. In no record.
    void held(LegId by, bool holds);

    /// Attribute `tan` of the leg's record, six digits; the last one holds.
    void setTan(LegId leg, const std::string& digits);

    /// The object `by` sends the caller on to `to`. `rung`: its leg, if it rang first (CFNR, or CFB told by
    /// the device: released() before, then 0). Then beginCallee() for whom it reaches.
    void forwarded(LegId caller, const RecordParty& by, const cdr::CdrParty& to, LegId rung = 0);
    /// `by` takes the call that rings at `rung`: a new leg, to be connected().
    LegId pickedUp(LegId rung, RecordParty by);

    /// The object of the connected leg `by` sends its partner on to `to` and is out of it. The partner is
    /// the caller of whom it reaches: beginCallee(). `asked`: when it did, if that is over.
    void transferredBlind(LegId by, const RecordParty& to,
                          std::optional<std::chrono::steady_clock::time_point> asked = {});
    /// The object of both legs connects their partners, and both legs are finished. `first` is connected;
    /// `second` is, or its partners still ring. The partners stay legs of one call, that of `first`.
    void transferred(LegId first, LegId second,
                     std::optional<std::chrono::steady_clock::time_point> asked = {});

    /// The endpoint of `by` has gone, or refuses while it rings. With a caller or a connected leg everybody
    /// in the call is released.
    void released(LegId by, int cause = q850::kNone);
    /// The exchange ends the call of this leg, or its ringing.
    void dropped(LegId leg, int cause);
    void dropAll(int cause);

    std::vector<Record> openRecords() const; ///< as they stand now; they do not change any more

private:
    struct Entry;
    struct Leg;
    Leg* find(LegId id) const;
    std::unique_ptr<Entry> open(const RecordParty& who, std::string_view dir) const;
    LegId insert(std::unique_ptr<Leg> leg);
    void append(Entry& entry, const ToldEvent& told) const;
    void follow(Entry& leader, std::unique_ptr<Entry> entry) const;
    void tell(Leg& leg, std::string_view msg, const Leg& other) const;
    void tellSetup(Entry& follower, const Leg& caller) const;
    void tellTransfer(Leg& partner, const Leg& by, const ToldParty& to, std::string_view conf) const;
    void answer(Leg& caller, Leg& callee);
    void release(LegId id, std::string_view msg, int cause);
    void finish(LegId id, std::string_view msg, int cause);
    void hand(std::unique_ptr<Entry> entry) const;
    void leave(LegId first, Leg& partner);
    void joinRinging(Leg& partner, Leg& second);
    void joinConnected(Leg& partner, Leg& first, Leg& second);
    void end(LegId id, std::string_view own, int cause);
    void report(const Leg& leg) const;
    void reportEnd(const Leg& leg) const;

    const Sink m_sink;
    const Identity m_identity;
    const Clock& m_clock;
    std::unordered_map<LegId, std::unique_ptr<Leg>> m_legs;
    LegId m_last = 0;
    std::optional<std::chrono::steady_clock::time_point>
        m_happened; ///< when what is told now did; empty: now
    CallObserver* m_observer = nullptr;
};

} // namespace sr::pbx
