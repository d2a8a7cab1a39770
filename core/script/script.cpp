// SPDX-License-Identifier: GPL-3.0-or-later
// Running a script: steps, waits, events and its end.
#include "core/script/script.h"

#include <algorithm>

namespace sr::script {
namespace {

constexpr int kCauseNormal = 16;  // Q.850, normal call clearing
constexpr int kCauseFailure = 41; // Q.850, temporary failure

std::string place(const Node* node)
{
    return node == nullptr
               ? std::string()
               : "line " + std::to_string(node->line) + ": <" + std::string(nameOf(node->tag)) + ">";
}

} // namespace

Script::Script(std::shared_ptr<const Program> program, Host& host, const Limits& limits)
    : m_host(host)
    , m_limits(limits)
    , m_program(std::move(program))
    , m_variables(m_limits)
{}

Script::~Script() = default;

void Script::start()
{
    if (m_started || m_ended)
        return;
    m_started = true;
    for (const std::string& note : m_program->notes())
        m_host.note(note);
    m_activities.emplace_back();
    m_running = m_program;
    enter(m_program, m_program->function("Main"));
    m_lifeTimer = ++m_lastId;
    m_host.timer(m_lifeTimer, m_limits.lifetime);
    run();
}

void Script::answer(RequestId id, Answer answer)
{
    if (m_ended || id == 0)
        return;
    if (id == m_lifeTimer || id == m_endTimer)
        failAt(nullptr, fail(ScriptErrc::TimeLimit, {}));
    const auto asked = std::find_if(m_activities.begin(), m_activities.end(), [&](const Activity& one) {
        return one.pending && one.pending->id == id && !one.pending->answer;
    });
    if (asked != m_activities.end())
        asked->pending->answer = std::move(answer);
    run();
}

void Script::digit(char digit)
{
    if (m_ended || m_callGone || std::string_view("0123456789*#ABCD").find(digit) == std::string_view::npos)
        return;
    if (m_digits.size() < m_limits.digits)
        m_digits.push_back(digit);
    for (Activity& activity : m_activities) {
        auto& pending = activity.pending;
        if (!pending || pending->answer)
            continue;
        if (pending->wait == Wait::Prompt && pending->bargeIn) {
            m_host.cancel(pending->id);
            pending->answer = Answer{Answer::Code::Refused, {}, 0, {}};
        } else if (pending->wait == Wait::Record && pending->bargeIn) {
            m_host.stopRecording(pending->id); // may have answered now
        } else if (pending->wait == Wait::Digit) {
            m_host.cancel(pending->id);
            pending->answer = Answer{};
        }
    }
    occur(Event::Dtmf);
    run();
}

void Script::callInfoChanged()
{
    if (m_ended || m_callGone)
        return;
    occur(Event::CallInfo);
    run();
}

void Script::callEnded()
{
    if (m_ended)
        return;
    if (m_started)
        leaveCall();
    m_callGone = true;
    run();
}

/// The call is no longer here: what it heard is over, and little time is left.
void Script::leaveCall()
{
    if (m_callGone)
        return;
    m_callGone = true;
    m_endTimer = ++m_lastId;
    m_host.timer(m_endTimer, m_limits.afterCall);
}

/// Wakes who waits for it in `event`, and tells its handler.
void Script::occur(Event event)
{
    constexpr std::string_view kNames[] = {"call-end", "dtmf", "call-info"};
    for (Activity& activity : m_activities) {
        auto& pending = activity.pending;
        if (pending && !pending->answer && pending->wait == Wait::Event &&
            pending->node->attribute("type")->raw == kNames[static_cast<std::size_t>(event)])
            pending->answer = Answer{};
    }
    Handler& handler = m_handlers[static_cast<std::size_t>(event)];
    if (handler.node != nullptr)
        handler.waiting = std::min(handler.waiting + 1, m_limits.digits);
}

/// The host answers inside of requests as well; then the loop that asked goes on with it.
void Script::run()
{
    if (m_inRun || !m_started)
        return;
    m_inRun = true;
    m_sliceSteps = 0;
    while (!m_ended && step()) {
    }
    m_inRun = false;
    if (m_ended && m_started) {
        m_started = false; // told once
        m_activities.clear();
        m_host.ended(m_how);
    }
}

bool Script::step()
{
    if (m_callGone && !m_windingUp)
        return windUp();
    if (!startHandlers())
        return false;
    Activity& activity = current();
    if (activity.pending) {
        if (!activity.pending->answer)
            return false;
        complete(activity);
        return true;
    }
    return next(activity);
}

/// One tag of the running block.
bool Script::next(Activity& activity)
{
    if (activity.frames.empty()) {
        finishActivity();
        return true;
    }
    Frame& frame = activity.frames.back();
    if (frame.next < frame.node->children.size()) {
        if (!spend())
            return true;
        const auto program = frame.program;
        execute(program, program->node(frame.node->children[frame.next++]));
        return true;
    }
    if (frame.node->tag == Tag::While) {
        if (!spend())
            return true;
        if (m_running = frame.program; holds(*frame.node)) {
            frame.next = 0;
            return true;
        }
    }
    activity.frames.pop_back();
    return true;
}

/// Counts a step. False: the script takes a pause or is at its limit.
bool Script::spend()
{
    if (++m_steps > m_limits.steps) {
        failAt(nullptr, fail(ScriptErrc::StepLimit, {}));
        return false;
    }
    if (++m_sliceSteps <= m_limits.slice)
        return true;
    m_sliceSteps = 0;
    m_host.timer(wait(nullptr, Wait::Timer), m_limits.yieldFor);
    return false;
}

/// Puts the handlers of what happened in front. False: nothing may run now.
bool Script::startHandlers()
{
    if (m_windingUp)
        return true;
    for (const Event event : {Event::Dtmf, Event::CallInfo}) {
        Handler& handler = m_handlers[static_cast<std::size_t>(event)];
        const bool runs = std::any_of(m_activities.begin(), m_activities.end(),
                                      [&](const Activity& one) { return one.handles == event; });
        if (handler.waiting == 0 || handler.node == nullptr || runs)
            continue;
        --handler.waiting;
        m_activities.emplace_back().handles = event;
        m_running = handler.program;
        enter(handler.program, handler.node);
    }
    return true;
}

void Script::finishActivity()
{
    const bool main = !current().handles;
    m_activities.pop_back();
    if (m_windingUp)
        return finish({});
    if (!main)
        return;
    m_host.disconnect(kCauseNormal);
    leaveCall();
}

/// The call is over: a recording tells its length, then the handler of call-end runs alone.
bool Script::windUp()
{
    for (Activity& activity : m_activities) {
        auto& pending = activity.pending;
        if (!pending || pending->wait != Wait::Record)
            continue;
        if (!pending->answer)
            return false; // the host answers it, for the call is over
        complete(activity);
        if (m_ended)
            return false;
    }
    for (Activity& activity : m_activities)
        if (activity.pending && !activity.pending->answer && activity.pending->wait != Wait::Other &&
            activity.pending->wait != Wait::Event)
            m_host.cancel(activity.pending->id);
    m_windingUp = true;
    m_activities.clear();
    const Handler& handler = m_handlers[static_cast<std::size_t>(Event::CallEnd)];
    if (handler.node == nullptr) {
        finish({});
        return false;
    }
    m_activities.emplace_back().handles = Event::CallEnd;
    m_running = handler.program;
    enter(handler.program, handler.node);
    return true;
}

void Script::finish(Status how)
{
    if (m_ended)
        return;
    m_ended = true;
    m_how = std::move(how);
    m_host.cancel(m_lifeTimer);
    if (m_endTimer != 0)
        m_host.cancel(m_endTimer);
}

/// Ends the script and its call.
void Script::failAt(const Node* node, const Error& error)
{
    if (m_ended)
        return;
    releaseMedia();
    if (!m_callGone)
        m_host.disconnect(kCauseFailure);
    m_callGone = true;
    std::string context = place(node);
    if (!error.context.empty())
        context.append(context.empty() ? "" : " ").append(error.context);
    finish(Error{error.code, std::move(context)});
}

/// One thing at a time is heard: what Main or another handler plays makes room. They go on as if it had
/// ended.
void Script::releaseMedia()
{
    for (Activity& activity : m_activities) {
        auto& pending = activity.pending;
        if (!pending || pending->answer)
            continue;
        if (pending->wait == Wait::Record)
            m_host.stopRecording(pending->id);
        else if (pending->wait == Wait::Prompt) {
            m_host.cancel(pending->id);
            pending->answer = Answer{Answer::Code::Refused, {}, 0, {}};
        }
    }
}

RequestId Script::wait(const Node* node, Wait wait, bool bargeIn)
{
    Pending& pending = current().pending.emplace();
    pending.id = ++m_lastId;
    pending.wait = wait;
    pending.program = m_running;
    pending.node = node;
    pending.bargeIn = bargeIn;
    return pending.id;
}

std::string Script::value(const Node& node, std::string_view name)
{
    const Attribute* attribute = node.attribute(name);
    if (attribute == nullptr)
        return {};
    auto expanded = m_variables.expand(attribute->text);
    if (!expanded) {
        failAt(&node, expanded.error());
        return {};
    }
    return std::move(expanded).value();
}

std::chrono::seconds Script::seconds(const Node& node, std::string_view name)
{
    constexpr std::int64_t kMost = std::int64_t{24} * 3600; // a day is as good as for ever
    return std::chrono::seconds(std::clamp<std::int64_t>(numberOf(value(node, name)), 0, kMost));
}

void Script::give(const Node& node, std::string_view name, std::string value)
{
    const Attribute* attribute = node.attribute(name);
    if (attribute == nullptr)
        return;
    if (auto done = m_variables.set(attribute->raw, std::move(value)); !done)
        failAt(&node, done.error());
}

} // namespace sr::script
