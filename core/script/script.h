// SPDX-License-Identifier: GPL-3.0-or-later
// One script in one call: runs until it must wait for its host, goes on with the answer. Its stack is its
// own, so it costs no thread and no C++ recursion. What ends it: its Main, its call, an error, a limit.
//
//      start() --> tags --wait--> answer(), digit(), callInfoChanged() --> tags ... --> Host::ended()
//                     callEnded() or the end of Main --> handler of call-end --/
#pragma once

#include "core/script/run_state.h"
#include "core/script/variables.h"

#include <deque>
#include <memory>

namespace sr::script {

/// Control thread. No method may be called from Host::ended(); all others may be from inside of a request.
class Script {
public:
    /// `host` outlives it.
    Script(std::shared_ptr<const Program> program, Host& host, const Limits& limits = {});
    ~Script();
    Script(const Script&) = delete;
    Script& operator=(const Script&) = delete;

    /// Variables out of the query of its URL, before start(); see Variables::preset().
    Status preset(std::string_view query) { return m_variables.preset(query); }
    /// Runs Main. Digits that were dialled beyond the number of the object are told by digit() before.
    void start();

    void answer(RequestId id,
                Answer answer); ///< to a request of the host; one that nobody waits for is dropped
    void digit(char digit);     ///< 0 to 9, `*`, `#`, A to D; anything else is dropped
    void callInfoChanged();
    void callEnded(); ///< the caller has gone, or the call was taken elsewhere

    bool hasEnded() const { return m_ended; }
    const std::string& variable(std::string_view name) const { return m_variables.value(name); }

private:
    using Event = run::Event;
    using Wait = run::Wait;
    using Activity = run::Activity;
    using Pending = run::Pending;
    using Frame = run::Frame;
    using Handler = run::Handler;

    // script.cpp: running
    void run();
    bool step(); ///< false: it waits or has ended
    bool next(Activity& activity);
    void finishActivity();
    bool startHandlers();
    bool windUp();
    void finish(Status how);
    void failAt(const Node* node, const Error& error);
    bool spend();
    Activity& current() { return m_activities.back(); }
    void occur(Event event);
    void releaseMedia();
    void leaveCall();

    // script_flow.cpp: tags of flow and data
    void execute(const std::shared_ptr<const Program>& program, const Node& node);
    bool executeFlow(const std::shared_ptr<const Program>& program, const Node& node);
    bool executeData(const Node& node);
    void enter(const std::shared_ptr<const Program>& program, const Node* block);
    void enterCase(const std::shared_ptr<const Program>& program, const Node& node);
    void callFunction(const std::shared_ptr<const Program>& program, const Node& node);
    void onEvent(const std::shared_ptr<const Program>& program, const Node& node);
    bool holds(const Node& node);
    bool isConditionTrue(const Attribute& condition);
    std::string conditionValue(const Attribute& condition);

    // script_pbx.cpp: tags that ask the host, and their answers
    bool executeStorage(const Node& node);
    bool executeCall(const Node& node);
    bool executeOwn(const Node& node);
    void complete(Activity& activity);
    void completeStorage(const Node& node, const Answer& answer);
    void completeCall(const Node& node, const Answer& answer);
    void runFragment(Activity& activity, const Node& node, const Answer& answer);
    void store(const Node& node, StoreRequest::Verb verb, std::string text = {});
    void giveTime(const Node& node, UtcTime time);
    void giveCallInfo(const Node& node);
    void takeDigit(const Node& node);
    void prompt(const Node& node);
    void record(const Node& node);
    RequestId wait(const Node* node, Wait wait, bool bargeIn = false);

    // values
    std::string value(const Node& node, std::string_view name); ///< expanded; nothing if it is not there
    bool flag(const Node& node, std::string_view name) { return isTrue(value(node, name)); }
    std::chrono::seconds seconds(const Node& node, std::string_view name);
    void give(const Node& node, std::string_view name, std::string value);

    Host& m_host;
    Limits m_limits;
    std::shared_ptr<const Program> m_program;
    std::shared_ptr<const Program> m_running; ///< that of the tag under way
    Variables m_variables;
    std::vector<Activity> m_activities;
    Handler m_handlers[run::kEvents];
    std::deque<char> m_digits;
    RequestId m_lastId = 0;
    RequestId m_lifeTimer = 0;
    RequestId m_endTimer = 0;
    std::uint64_t m_steps = 0;
    std::uint64_t m_sliceSteps = 0;
    std::size_t m_fragments = 0;
    bool m_started = false;
    bool m_inRun = false;
    bool m_callGone = false;
    bool m_windingUp = false; ///< Main is over, the handler of call-end runs
    bool m_ended = false;
    Status m_how;
};

} // namespace sr::script
