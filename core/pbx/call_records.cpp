// SPDX-License-Identifier: GPL-3.0-or-later
// Legs, their records and who follows whom.
#include "core/pbx/call_records.h"

#include "core/crypto/digest.h"
#include "core/pbx/told_event.h"

#include <algorithm>
#include <array>
#include <atomic>

namespace sr::pbx {
namespace {

using cdr::CallDataRecord;
using cdr::CdrEvent;
using cdr::CdrParty;
namespace msg = cdr::msg;
using std::chrono::floor;

constexpr std::size_t kFollowersMost = 64; ///< chosen

std::string newId()
{
    return toHex(crypto::randomArray<16>());
}

/// As the other side knows it: the name only once its device has rung.
ToldParty shown(const RecordParty& party, bool rang)
{
    const std::string& number = party.shown ? party.shown->e164 : party.e164;
    const bool isPlanned = !party.external || !party.e164.empty(); // not behind a line without a number
    return {{number, rang ? party.h323 : std::string(), {}}, isPlanned ? party.node : nullptr};
}

bool isOneOf(std::string_view kind, std::initializer_list<std::string_view> kinds)
{
    return std::ranges::find(kinds, kind) != kinds.end();
}

} // namespace

/// A record that is not finished, and those that follow it.
struct CallRecords::Entry {
    std::shared_ptr<CallDataRecord> record;
    std::shared_ptr<const NumberNode> node;        ///< around its object
    std::chrono::steady_clock::time_point base{};  ///< what its times count from
    std::vector<std::unique_ptr<Entry>> followers; ///< which have none themselves

    /// Its times count from what those of the other count from.
    void countAs(const Entry& other)
    {
        base = other.base;
        change().base = other.record->base;
    }
    /// For changes. A snapshot that was handed out keeps what it has.
    CallDataRecord& change()
    {
        if (record.use_count() > 1)
            record = std::make_shared<CallDataRecord>(*record);
        else // what the last other holder has read on its thread comes before
            std::atomic_thread_fence(std::memory_order_acquire);
        return *record;
    }
};

struct CallRecords::Leg {
    RecordParty who;
    std::string conf;
    std::unique_ptr<Entry> entry;
    LegId id = 0;
    LegId caller = 0;           ///< who rings it, until it answers
    std::vector<LegId> ringing; ///< whom it rings
    LegId partner = 0;          ///< with whom it is connected
    bool rang = false;          ///< its device, or one that it calls
    bool connected = false;     ///< it was, once
    bool holds = false;
    CallRole role = CallRole::Initiator;
    UtcTime since{};

    ToldParty shown() const { return pbx::shown(who, true); }
};

std::string objectGuid(std::string_view name)
{
    return toHex(crypto::sha256(bytesOf(name))).substr(0, 32);
}

CallRecords::CallRecords(Sink sink, Identity identity, const Clock& clock)
    : m_sink(std::move(sink))
    , m_identity(std::move(identity))
    , m_clock(clock)
{}

CallRecords::~CallRecords() = default;

CallRecords::Leg* CallRecords::find(LegId id) const
{
    const auto found = m_legs.find(id);
    return found == m_legs.end() ? nullptr : found->second.get();
}

std::unique_ptr<CallRecords::Entry> CallRecords::open(const RecordParty& who, std::string_view dir) const
{
    const auto steady = m_clock.steadyNow();
    const auto happened = m_happened.value_or(steady);
    const UtcTime now = m_clock.utcNow() - std::chrono::duration_cast<UtcTime::duration>(steady - happened);
    const seconds utc = floor<seconds>(now).time_since_epoch();
    auto entry = std::make_unique<Entry>();
    entry->base = happened;
    entry->node = who.node;
    entry->record = std::make_shared<CallDataRecord>();
    CallDataRecord& r = *entry->record;
    r.guid = who.guid;
    r.sys = m_identity.sys;
    r.pbx = m_identity.pbx;
    r.node = who.node ? who.node->name : "root";
    r.cn = who.cn;
    r.e164 = who.e164;
    r.h323 = who.h323;
    r.dir = dir;
    r.utc = utc.count();
    r.base = r.utc;
    r.local = (utc + (m_identity.utcOffset ? m_identity.utcOffset(now) : seconds(0))).count();
    r.id = newId();
    r.pseudo = who.pseudo;
    r.groups = who.groups;
    r.events.reserve(3); // of most calls that go on: they are large
    return entry;
}

LegId CallRecords::insert(std::unique_ptr<Leg> leg)
{
    leg->id = ++m_last;
    leg->since = m_clock.utcNow();
    m_legs.emplace(leg->id, std::move(leg));
    return m_last;
}

/// Times are whole seconds of one grid, so that those of all records of a call fit together.
void CallRecords::append(Entry& entry, const ToldEvent& told) const
{
    CdrEvent event = told.seenFrom(entry.node.get());
    const bool closes = isOneOf(event.msg, {msg::kRelFrom, msg::kRelTo});
    event.time =
        (floor<seconds>(m_happened.value_or(m_clock.steadyNow())) - floor<seconds>(entry.base)).count();
    CallDataRecord& record = entry.change();
    if (closes || record.events.size() + 1 < cdr::kEventsMost) // there is always room for the end
        record.events.push_back(std::move(event));
    if (told.event.msg == msg::kTransferFrom) // that is what the leader itself does
        return;
    for (const auto& follower : entry.followers) {
        ToldEvent copy = told;
        // The reference names the object itself there.
        if (follower->record->dir == "ct" && told.event.msg == msg::kConnTo)
            copy.setOther({{follower->record->e164, follower->record->h323, {}}, follower->node});
        append(*follower, copy);
    }
}

/// What followed it follows with it. Whoever transfers without end gets the oldest records early.
void CallRecords::follow(Entry& leader, std::unique_ptr<Entry> entry) const
{
    auto& all = leader.followers;
    for (auto& one : std::exchange(entry->followers, {}))
        all.push_back(std::move(one));
    all.push_back(std::move(entry));
    while (all.size() > kFollowersMost) {
        auto oldest = std::move(all.front());
        all.erase(all.begin());
        ToldEvent told(msg::kRelTo);
        told.event.cause = q850::kNotSelected;
        append(*oldest, told);
        hand(std::move(oldest));
    }
}

/// That `other` did or is something.
void CallRecords::tell(Leg& leg, std::string_view kind, const Leg& other) const
{
    ToldEvent told(kind);
    told.setOther(other.shown());
    if (isOneOf(kind, {msg::kSetupTo, msg::kConnFrom, msg::kConnTo}) && other.who.external)
        told.event.type = "ext";
    if (isOneOf(kind, {msg::kAlertFrom, msg::kConnFrom}))
        told.event.ep = leg.who.endpoint;
    if (kind == msg::kSetupTo)
        told.event.conf = leg.conf;
    append(*leg.entry, told);
}

/// That the leg calls whom sends it on.
void CallRecords::tellSetup(Entry& follower, const Leg& caller) const
{
    ToldEvent told(msg::kSetupTo);
    told.setOther(caller.shown());
    told.event.type = caller.who.external ? "ext" : "";
    told.event.conf = caller.conf;
    append(follower, told);
}

LegId CallRecords::beginCaller(RecordParty who, std::string conf)
{
    auto leg = std::make_unique<Leg>();
    leg->entry = open(who, "from");
    leg->entry->record->device = who.device;
    leg->who = std::move(who);
    leg->conf = std::move(conf);
    ToldEvent told(msg::kSetupFrom);
    told.event.conf = leg->conf;
    append(*leg->entry, told);
    const LegId id = insert(std::move(leg));
    report(*find(id));
    return id;
}

LegId CallRecords::beginCallee(LegId callerId, RecordParty who)
{
    Leg* const caller = find(callerId);
    if (caller == nullptr || caller->caller != 0)
        return 0;
    auto leg = std::make_unique<Leg>();
    leg->entry = open(who, "to");
    leg->entry->record->device = who.device;
    leg->who = std::move(who);
    leg->conf = caller->conf;
    leg->caller = callerId;
    leg->role = CallRole::Recipient;
    tell(*leg, msg::kSetupTo, *caller);
    const LegId id = insert(std::move(leg));
    caller->ringing.push_back(id);
    report(*find(id));
    report(*caller);
    return id;
}

/// A caller hears of the first ringing only.
void CallRecords::alerted(LegId callee)
{
    Leg* const leg = find(callee);
    Leg* const caller = leg != nullptr ? find(leg->caller) : nullptr;
    if (caller == nullptr || leg->rang)
        return;
    leg->rang = true;
    tell(*leg, msg::kAlertFrom, *caller);
    if (!caller->rang && !caller->connected)
        tell(*caller, msg::kAlertTo, *leg);
    caller->rang = true;
    report(*leg);
    report(*caller);
}

void CallRecords::connected(LegId callee, std::string device)
{
    Leg* const leg = find(callee);
    Leg* const caller = leg != nullptr ? find(leg->caller) : nullptr;
    if (caller == nullptr || caller->partner != 0)
        return;
    if (!device.empty())
        leg->entry->change().device = std::move(device);
    answer(*caller, *leg);
    const auto others = std::exchange(caller->ringing, {});
    for (const LegId other : others)
        if (other != callee)
            finish(other, msg::kRelTo, q850::kNotSelected);
}

void CallRecords::answer(Leg& caller, Leg& callee)
{
    tell(callee, msg::kConnFrom, caller);
    tell(caller, msg::kConnTo, callee);
    caller.rang = callee.rang = true;
    caller.connected = callee.connected = true;
    callee.caller = 0;
    caller.partner = callee.id;
    callee.partner = caller.id;
    report(callee);
    report(caller);
}

void CallRecords::forwarded(LegId callerId, const RecordParty& by, const CdrParty& to, LegId rung)
{
    Leg* const caller = find(callerId);
    if (caller == nullptr)
        return;
    const Leg* const rungLeg = find(rung);
    const ToldParty known = shown(by, rungLeg != nullptr && rungLeg->rang);
    if (rungLeg != nullptr && rungLeg->caller == callerId)
        release(rung, msg::kRelTo, q850::kNone);

    ToldEvent told(msg::kCfTo);
    told.setOther(known);
    told.setTo({to});
    append(*caller->entry, told);

    auto follower = open(by, "cf");
    follower->countAs(*caller->entry);
    tellSetup(*follower, *caller);
    told.event.msg = msg::kCfFrom;
    append(*follower, told);
    follow(*caller->entry, std::move(follower));
}

LegId CallRecords::pickedUp(LegId rung, RecordParty by)
{
    const Leg* const leg = find(rung);
    if (leg == nullptr || leg->caller == 0)
        return 0;
    const LegId caller = leg->caller;
    release(rung, msg::kRelTo, q850::kNotSelected);
    return beginCallee(caller, std::move(by));
}

void CallRecords::tellTransfer(Leg& partner, const Leg& by, const ToldParty& to, std::string_view conf) const
{
    ToldEvent told(msg::kTransferTo);
    told.setOther(by.shown());
    told.setTo(to);
    if (conf != partner.conf)
        told.event.conf = conf;
    partner.conf = conf;
    append(*partner.entry, told);
}

/// The transferring leg goes; what followed it because it paid for the call goes on with the partner.
void CallRecords::leave(LegId first, Leg& partner)
{
    auto& followers = find(first)->entry->followers;
    const auto paying = std::stable_partition(followers.begin(), followers.end(), [](const auto& one) {
        return one->record->dir != "cf" && one->record->dir != "ct";
    });
    for (auto one = paying; one != followers.end(); ++one)
        follow(*partner.entry, std::move(*one));
    followers.erase(paying, followers.end());
    partner.partner = 0;
    report(partner);
    finish(first, msg::kRelTo, q850::kNotSelected);
}

void CallRecords::transferredBlind(LegId by, const RecordParty& to,
                                   std::optional<std::chrono::steady_clock::time_point> asked)
{
    const Leg* const leg = find(by);
    Leg* const partner = leg != nullptr ? find(leg->partner) : nullptr;
    if (partner == nullptr)
        return;
    m_happened = asked;
    tellTransfer(*partner, *leg, shown(to, false), partner->conf); // what was dialled

    auto follower = open(leg->who, "ct");
    follower->countAs(*partner->entry);
    tellSetup(*follower, *partner);
    ToldEvent transfer(msg::kTransferFrom);
    transfer.setOther(leg->shown());
    transfer.setTo(shown(to, true));
    append(*follower, transfer);

    leave(by, *partner);
    follow(*partner->entry, std::move(follower));
    m_happened.reset();
}

void CallRecords::transferred(LegId firstId, LegId secondId,
                              std::optional<std::chrono::steady_clock::time_point> asked)
{
    Leg* const first = find(firstId);
    Leg* const second = find(secondId);
    Leg* const partner = first != nullptr ? find(first->partner) : nullptr;
    if (partner == nullptr || second == nullptr || partner == second || first == second)
        return;
    m_happened = asked;
    if (second->partner != 0) {
        joinConnected(*partner, *first, *second);
    } else if (!second->ringing.empty()) {
        joinRinging(*partner, *second);
        leave(firstId, *partner);
    } else {
        m_happened.reset();
        return;
    }
    m_happened.reset();
    for (const LegId id : {firstId, secondId})
        if (const auto gone = m_legs.extract(id)) {
            reportEnd(*gone.mapped());
            for (const LegId rung : gone.mapped()->ringing)
                finish(rung, msg::kRelTo, q850::kNotSelected);
        }
}

/// Before the answer: those who ring get another caller, and the second record follows that one.
void CallRecords::joinRinging(Leg& partner, Leg& second)
{
    const Leg& rung = *find(second.ringing.front());
    const ToldParty to = shown(rung.who, rung.rang);
    tellTransfer(partner, second, to, partner.conf);

    ToldEvent told(msg::kTransferFrom);
    told.setOther(to);
    told.event.conf = partner.conf;
    told.setTo(partner.shown());
    append(*second.entry, told);

    for (const LegId id : std::exchange(second.ringing, {})) {
        Leg& one = *find(id);
        tellTransfer(one, second, partner.shown(), partner.conf);
        one.caller = partner.id;
        partner.ringing.push_back(id);
        report(one);
    }
    second.entry->countAs(*partner.entry);
    follow(*partner.entry, std::move(second.entry));
}

/// After the answer: each record of the transferring object follows whom it was connected with.
void CallRecords::joinConnected(Leg& partner, Leg& first, Leg& second)
{
    Leg& other = *find(second.partner);
    const auto transferFrom = [&](Leg& leg, const Leg& with, const Leg& to) {
        ToldEvent told(msg::kTransferFrom);
        told.setOther(with.shown());
        if (leg.conf != partner.conf)
            told.event.conf = partner.conf;
        told.setTo(to.shown());
        append(*leg.entry, told);
    };
    transferFrom(first, partner, other);
    transferFrom(second, other, partner);
    tellTransfer(partner, first, other.shown(), partner.conf);
    tellTransfer(other, second, partner.shown(), partner.conf);
    first.entry->countAs(*partner.entry);
    second.entry->countAs(*other.entry);
    follow(*partner.entry, std::move(first.entry));
    follow(*other.entry, std::move(second.entry));
    tell(partner, msg::kConnected, other);
    tell(other, msg::kConnected, partner);
    partner.partner = other.id;
    other.partner = partner.id;
    partner.holds = other.holds = false;
    report(partner);
    report(other);
}

void CallRecords::released(LegId by, int cause)
{
    end(by, msg::kRelFrom, cause);
}

void CallRecords::dropped(LegId leg, int cause)
{
    end(leg, msg::kRelTo, cause);
}

void CallRecords::end(LegId id, std::string_view own, int cause)
{
    Leg* const leg = find(id);
    if (leg == nullptr)
        return;
    if (leg->caller != 0)
        return release(id, own, cause);
    const LegId partner = leg->partner;
    finish(id, own, cause);
    finish(partner, msg::kRelTo, cause);
}

void CallRecords::dropAll(int cause)
{
    while (!m_legs.empty())
        finish(m_legs.begin()->first, msg::kRelTo, cause);
}

/// One that rings; its caller goes on.
void CallRecords::release(LegId id, std::string_view kind, int cause)
{
    if (Leg* const caller = find(find(id)->caller))
        std::erase(caller->ringing, id);
    finish(id, kind, cause);
}

/// With whom it rings.
void CallRecords::finish(LegId id, std::string_view kind, int cause)
{
    Leg* const leg = find(id);
    if (leg == nullptr)
        return;
    ToldEvent told(kind);
    told.event.cause = cause;
    told.event.ep = leg->who.endpoint;
    append(*leg->entry, told);
    auto entry = std::move(leg->entry);
    const auto ringing = std::move(leg->ringing);
    reportEnd(*leg);
    m_legs.erase(id);
    hand(std::move(entry));
    for (const LegId one : ringing)
        finish(one, msg::kRelTo, cause);
}

void CallRecords::held(LegId by, bool holds)
{
    Leg* const leg = find(by);
    if (leg == nullptr || leg->partner == 0 || leg->holds == holds)
        return;
    leg->holds = holds;
    report(*leg);
}

void CallRecords::setTan(LegId id, const std::string& digits)
{
    Leg* const leg = find(id);
    if (leg == nullptr)
        return;
    cdr::OtherAttributes& attributes = leg->entry->change().other;
    const auto isTan = [](const auto& attribute) { return attribute.first == "tan"; };
    std::erase_if(attributes, isTan);
    attributes.emplace_back("tan", digits);
}

void CallRecords::report(const Leg& leg) const
{
    if (m_observer == nullptr)
        return;
    const CallStage stage = leg.connected ? CallStage::Confirmed
                            : leg.rang    ? CallStage::Early
                                          : CallStage::Trying;
    CallState state{leg.who.h323, leg.id, leg.conf, leg.role, stage, {}, {}, leg.holds, leg.since};
    const LegId with = leg.partner != 0       ? leg.partner
                       : leg.caller != 0      ? leg.caller
                       : !leg.ringing.empty() ? leg.ringing.front()
                                              : 0;
    if (const Leg* const other = find(with)) {
        const auto& seen = other->who.shown;
        state.remoteNumber = seen ? seen->e164 : other->who.e164;
        state.remoteName = seen ? seen->dn : other->who.cn;
    }
    m_observer->onCallState(state);
}

void CallRecords::reportEnd(const Leg& leg) const
{
    if (m_observer != nullptr)
        m_observer->onCallState(
            {leg.who.h323, leg.id, leg.conf, leg.role, CallStage::Over, {}, {}, false, leg.since});
}

void CallRecords::hand(std::unique_ptr<Entry> entry) const
{
    if (m_sink)
        m_sink(std::move(entry->record));
    for (auto& follower : entry->followers)
        hand(std::move(follower));
}

std::vector<CallRecords::Record> CallRecords::openRecords() const
{
    std::vector<Record> records;
    records.reserve(m_legs.size());
    for (const auto& [id, leg] : m_legs) {
        records.push_back(leg->entry->record);
        for (const auto& follower : leg->entry->followers)
            records.push_back(follower->record);
    }
    return records;
}

} // namespace sr::pbx
