// SPDX-License-Identifier: GPL-3.0-or-later
// All calls of the exchange: whom a caller reaches, and the calls that run.
#pragma once

#include "core/pbx/call.h"
#include "core/pbx/routing.h"

#include <unordered_map>

namespace sr::pbx {

/// Control thread.
class CallControl final : private CallNeighbours {
public:
    /// All outlive it.
    CallControl(sip::Dialer& dialer, relay::Relay& relay, relay::CallTap& tap, CallRecords& records,
                const Registrar& registrar, const Clock& clock, MusicParts music = {})
        : m_environment{dialer, relay, tap, clock, *this, records, std::move(music)}
        , m_routing(registrar, clock)
    {
        m_routing.setCallCount(
            [this](const std::string& name, std::uint64_t but) { return countBy(name, but); });
    }

    /// Before the first call, and with every change.
    void setDirectory(std::shared_ptr<const Directory> directory)
    {
        m_routing.setDirectory(std::move(directory));
    }
    /// By whom trunks are left; outlives it. Before the first call.
    void setLines(TrunkLines& lines) { m_routing.setLines(&lines); }
    void setUtcOffset(UtcOffset offset) { m_routing.setUtcOffset(std::move(offset)); }
    /// `caller` is who the request has proved to be.
    void onInvite(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request,
                  const Object& caller);
    /// Rings the user of the name that is dialled, alone and on no forward, in the name of who is shown.
    void onRecall(std::unique_ptr<sip::Session> session, sip::InviteRequest request);
    /// Is told of each call of a user to a user that comes to nothing; it must not wait.
    void setOnFailed(std::function<void(const FailedCall&)> onFailed) { m_onFailed = std::move(onFailed); }
    /// What keys of users whose calls are recorded say about the call that they are pressed in.
    using OnKeys = std::function<void(Call& call, const std::string& user, RecordingAction action)>;
    void setKeys(CallKeys keys, OnKeys onKeys);
    /// A key was heard in what the relay copies under that tag.
    void onKey(std::uint64_t tag, Side by, char key);
    /// What a call of the user to these digits would be refused with now; 0: with nothing.
    int refusalOf(const Object& user, const std::string& digits) const;
    /// That hold now for who calls.
    Forwards forwards(const Object& of, const CallParty& caller) const
    {
        return m_routing.forwardsOf(of, caller);
    }
    void onSecond();
    void hangUpAll();
    std::vector<CallRow> rows() const;
    std::size_t count() const; ///< of calls that run
    /// Of them, those of that object, by name, but for the one of that id.
    std::size_t countBy(const std::string& object, std::uint64_t but) const;
    Call* call(std::uint64_t id) const;          ///< that runs; null: none
    Call* talkOf(const std::string& user) const; ///< the newest that is answered, by name; null: none
    /// The last talk of somebody that was recorded and has ended; null: there was none since the start.
    const RecordedTalk* lastRecorded(const std::string& user) const;

private:
    Destination destination(const Dialling& dialling) const override
    {
        return m_routing.destination(dialling);
    }
    Call* callWith(const sip::DialogId& dialog) const override;
    std::uint64_t newTag() override { return ++m_lastTag; }
    void recorded(const RecordedTalk& talk) override;
    void pressed(Call& call, Side by, char key) override;
    void failed(const FailedCall& call) override
    {
        if (m_onFailed)
            m_onFailed(call);
    }
    std::vector<relay::TapTarget> recordTargets(const CallParty& party, const sip::Source& at) const override
    {
        if (!party.asksRecordTo)
            return {};
        std::vector<relay::TapTarget> all = m_routing.recordTargets(party.name, at);
        std::ranges::move(m_routing.recordTargets(party.through, {}), std::back_inserter(all));
        return all;
    }
    void pickUp(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request,
                const Object& picker, const std::string& number);
    void recordRefused(const CallParty& caller, const Destination& callee);
    void replace(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request,
                 const Object& taker);
    bool mayTakeFrom(const Object& owner, const Object& taker) const;
    void sweep();
    void begin(CallParty caller, Destination callee, const sip::InviteRequest& request,
               std::unique_ptr<sip::Session> session);

    const CallEnvironment m_environment;
    Routing m_routing;
    std::function<void(const FailedCall&)> m_onFailed; ///< may be empty
    CallKeys m_keys;
    OnKeys m_onKeys; ///< may be empty
    std::unordered_map<std::uint64_t, std::unique_ptr<Call>>
        m_calls;                                              ///< those that are over until the next sweep()
    std::unordered_map<std::string, RecordedTalk> m_recorded; ///< the last one of each user
    std::uint64_t m_lastId = 0;
    std::uint64_t m_lastTag = 0;
};

} // namespace sr::pbx
