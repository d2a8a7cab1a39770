// SPDX-License-Identifier: GPL-3.0-or-later
// Tags that ask the host, and what becomes of its answers.
#include "core/script/script.h"
#include "core/script/storage_path.h"

#include <algorithm>

namespace sr::script {
namespace {

constexpr int kErrorMissing = 2; // what the reference gives for a file that is not there
constexpr int kErrorOther = 1;   // ours
constexpr int kErrorExists = 17; // ours, as POSIX counts
constexpr int kCauseNormal = 16; // Q.850
constexpr std::size_t kSoundsMost = 32;

std::string errorOf(Answer::Code code)
{
    switch (code) {
    case Answer::Code::Done:
        return "0";
    case Answer::Code::Missing:
        return std::to_string(kErrorMissing);
    case Answer::Code::Exists:
        return std::to_string(kErrorExists);
    case Answer::Code::Refused:
    case Answer::Code::Failed:
        break;
    }
    return std::to_string(kErrorOther);
}

/// Takes `?repeat=true` off a URL.
bool takeRepeat(std::string& url)
{
    constexpr std::string_view kRepeat = "?repeat=true";
    if (!url.ends_with(kRepeat))
        return false;
    url.resize(url.size() - kRepeat.size());
    return true;
}

Answer refused()
{
    return Answer{Answer::Code::Refused, {}, 0, {}};
}

} // namespace

bool Script::executeStorage(const Node& node)
{
    switch (node.tag) {
    case Tag::StoreCookie:
        if (node.attribute("out") != nullptr)
            store(node, StoreRequest::Verb::Read);
        else
            store(node, StoreRequest::Verb::Write, value(node, "value"));
        return true;
    case Tag::StoreGet:
        store(node, StoreRequest::Verb::Locate);
        return true;
    case Tag::StoreStat:
        if (value(node, "name") == "NULL") {
            give(node, "out-error", "0");
            giveTime(node, m_host.now());
        } else {
            store(node, StoreRequest::Verb::Stat);
        }
        return true;
    case Tag::StoreMakeFolder:
        store(node, StoreRequest::Verb::MakeFolder);
        return true;
    case Tag::StoreDelete:
        store(node, StoreRequest::Verb::Remove);
        return true;
    default:
        return false;
    }
}

/// A name that may not be is told in the log and answered as refused; the script goes on.
void Script::store(const Node& node, StoreRequest::Verb verb, std::string text)
{
    auto path = storagePath(value(node, "root"), value(node, "name"));
    if (m_ended)
        return;
    if (!path) {
        m_host.note("line " + std::to_string(node.line) + ": " + path.error().text());
        return completeStorage(node, refused());
    }
    m_host.store(wait(&node, Wait::Other), StoreRequest{verb, std::move(path).value(), std::move(text)});
}

void Script::giveTime(const Node& node, UtcTime time)
{
    const CivilTime civil = m_host.civil(time);
    give(node, "out-mday", std::to_string(civil.day));
    give(node, "out-mon", std::to_string(civil.month));
    give(node, "out-year", std::to_string(civil.year));
    give(node, "out-hour", std::to_string(civil.hour));
    give(node, "out-min", std::to_string(civil.minute));
}

void Script::completeStorage(const Node& node, const Answer& answer)
{
    const bool done = answer.code == Answer::Code::Done;
    switch (node.tag) {
    case Tag::StoreCookie:
        give(node, "out", done ? answer.text : std::string());
        return;
    case Tag::StoreGet:
        give(node, "out-url", done ? answer.text : std::string());
        return;
    case Tag::StoreStat:
        give(node, "out-error", errorOf(answer.code));
        if (done && answer.modified)
            giveTime(node, *answer.modified);
        return;
    default:
        return;
    }
}

bool Script::executeCall(const Node& node)
{
    switch (node.tag) {
    case Tag::CallInfo:
        giveCallInfo(node);
        return true;
    case Tag::DtmfDigit:
        takeDigit(node);
        return true;
    case Tag::Prompt:
        prompt(node);
        return true;
    case Tag::Transfer: {
        const Destination to{value(node, "e164"), value(node, "name")};
        releaseMedia();
        if (!m_callGone && !(to.e164.empty() && to.name.empty()))
            m_host.transfer(wait(&node, Wait::Other), to);
        return true;
    }
    case Tag::Forward: {
        const std::string e164 = value(node, "e164");
        releaseMedia();
        if (!m_callGone && !e164.empty())
            m_host.forward(wait(&node, Wait::Prompt, flag(node, "barge-in")), e164);
        return true;
    }
    case Tag::Disconnect:
        releaseMedia();
        if (!m_callGone)
            m_host.disconnect(node.attribute("cause") ? static_cast<int>(std::clamp<std::int64_t>(
                                                            numberOf(value(node, "cause")), 1, 127))
                                                      : kCauseNormal);
        leaveCall();
        return true;
    case Tag::Message:
        m_host.message(value(node, "cgpn"), value(node, "e164"), value(node, "text"));
        return true;
    case Tag::FindUser:
        m_host.findUser(wait(&node, Wait::Other), value(node, "e164"));
        return true;
    case Tag::QueryObject: {
        const std::string type = value(node, "type");
        if (type == "cfu" || type == "cfnr")
            m_host.query(wait(&node, Wait::Other), value(node, "name"),
                         type == "cfu" ? ObjectQuery::ForwardAlways : ObjectQuery::ForwardNoResponse);
        else
            give(node, "out", {});
        return true;
    }
    default:
        return false;
    }
}

/// What the reference's tags cannot express.
bool Script::executeOwn(const Node& node)
{
    switch (node.tag) {
    case Tag::Record:
        record(node);
        return true;
    case Tag::Mark:
        m_host.mark(wait(&node, Wait::Other));
        return true;
    case Tag::Tan: {
        const std::string digits = value(node, "value");
        const bool good = digits.size() == 6 && std::all_of(digits.begin(), digits.end(),
                                                            [](char c) { return c >= '0' && c <= '9'; });
        if (good)
            m_host.tan(wait(&node, Wait::Other), digits);
        else
            give(node, "out-error", errorOf(Answer::Code::Refused));
        return true;
    }
    case Tag::Replay:
        m_host.lastRecording(wait(&node, Wait::Other));
        return true;
    case Tag::WaitingLamp: {
        const auto count = [&](std::string_view name) {
            return static_cast<int>(std::clamp<std::int64_t>(numberOf(value(node, name)), 0, 9999));
        };
        m_host.waitingLamp(value(node, "e164"), count("new"), count("old"));
        return true;
    }
    default:
        return false;
    }
}

void Script::giveCallInfo(const Node& node)
{
    const CallInfo info = m_host.callInfo();
    give(node, "out-cgpn", info.cgpn);
    give(node, "out-cdpn", info.cdpn);
    give(node, "out-leg2", info.leg2);
    give(node, "out-leg2-reason", info.leg2Reason);
    give(node, "out-leg2-count", std::to_string(info.leg2Count));
    give(node, "out-ctl-call", info.ctlCall);
    give(node, "out-h323", info.h323);
    give(node, "out-confid", info.confId);
    give(node, "out-calling-name", info.callingName);
}

/// The oldest digit. Without one it waits `sec`, else a moment, so that loops which ask again and again cost
/// nothing.
void Script::takeDigit(const Node& node)
{
    const auto most =
        node.attribute("sec") != nullptr ? milliseconds(seconds(node, "sec")) : m_limits.digitPoll;
    if (m_digits.empty() && !m_callGone && most.count() > 0) {
        m_host.timer(wait(&node, Wait::Digit), most);
        return;
    }
    give(node, "out-dtmf", m_digits.empty() ? std::string() : std::string(1, m_digits.front()));
    if (!m_digits.empty())
        m_digits.pop_front();
}

void Script::prompt(const Node& node)
{
    std::string urls = value(node, "url");
    const bool bargeIn = flag(node, "barge-in");
    PromptRequest request;
    const std::string repeat = value(node, "repeat");
    request.times =
        repeat == "true" ? 0 : static_cast<int>(std::clamp<std::int64_t>(numberOf(repeat), 1, 9999));
    if (node.attribute("sec") != nullptr)
        request.most = seconds(node, "sec");
    for (std::size_t at = 0; at < urls.size() && request.sounds.size() < kSoundsMost;) {
        const std::size_t end = std::min(urls.find(' ', at), urls.size());
        std::string name = urls.substr(at, end - at);
        at = end + 1;
        if (name.empty())
            continue;
        if (takeRepeat(name))
            request.times = 0;
        Sound::Kind kind = name == "TONE"  ? Sound::Kind::Tone
                           : name == "MOH" ? Sound::Kind::MusicOnHold
                                           : Sound::Kind::File;
        request.sounds.push_back({kind, kind == Sound::Kind::File ? std::move(name) : std::string()});
    }
    const bool silence = request.sounds.empty();
    if (m_callGone || m_ended || (bargeIn && !m_digits.empty()) || (silence && !request.most))
        return;
    releaseMedia();
    m_host.play(wait(&node, Wait::Prompt, bargeIn), request);
}

void Script::record(const Node& node)
{
    const auto name = storagePath({}, value(node, "url"));
    RecordRequest request;
    request.most = seconds(node, "sec");
    request.silence = seconds(node, "silence");
    const bool bargeIn = flag(node, "barge-in");
    if (m_ended)
        return;
    if (!name)
        m_host.note("line " + std::to_string(node.line) + ": " + name.error().text());
    if (!name || m_callGone || request.most.count() == 0)
        return completeCall(node, refused());
    request.name = *name;
    releaseMedia();
    m_host.record(wait(&node, Wait::Record, bargeIn), request);
}

/// The answer is there: gives the values and lets the activity go on.
void Script::complete(Activity& activity)
{
    const Pending pending = std::move(*activity.pending);
    activity.pending.reset();
    if (pending.node == nullptr)
        return;
    const Node& node = *pending.node;
    const Answer& answer = *pending.answer;
    m_running = pending.program;
    if (node.tag == Tag::Exec)
        return runFragment(activity, node, answer);
    if (node.tag == Tag::Event)
        return enter(pending.program, &node);
    completeStorage(node, answer);
    completeCall(node, answer);
}

void Script::completeCall(const Node& node, const Answer& answer)
{
    const bool done = answer.code == Answer::Code::Done;
    const std::string text = done ? answer.text : std::string();
    switch (node.tag) {
    case Tag::DtmfDigit:
        give(node, "out-dtmf", m_digits.empty() ? std::string() : std::string(1, m_digits.front()));
        if (!m_digits.empty())
            m_digits.pop_front();
        return;
    case Tag::Forward:
        if (auto set = m_variables.set("_pbxfwd", done ? "1" : ""); !set)
            return failAt(&node, set.error());
        [[fallthrough]];
    case Tag::Transfer:
        if (done)
            leaveCall();
        return;
    case Tag::QueryObject:
    case Tag::Mark:
        return give(node, "out", text);
    case Tag::FindUser:
        return give(node, "out-cn", text);
    case Tag::Replay:
        return give(node, "out-url", text);
    case Tag::Tan:
        return give(node, "out-error", errorOf(answer.code));
    case Tag::Record:
        give(node, "out-sec", std::to_string(std::max(0, answer.seconds)));
        return give(node, "out-error", errorOf(answer.code));
    default:
        return;
    }
}

/// Main of what was fetched runs in place. What cannot be had or read is told in the log, and the script goes
/// on.
void Script::runFragment(Activity& activity, const Node& node, const Answer& answer)
{
    const std::string line = "line " + std::to_string(node.line) + ": <exec>: ";
    if (answer.code != Answer::Code::Done)
        return m_host.note(line + "the fragment could not be fetched");
    const auto fragment = Program::parse(answer.text, m_limits, Program::Kind::Fragment);
    if (!fragment)
        return m_host.note(line + fragment.error().text());
    for (const std::string& note : (*fragment)->notes())
        m_host.note(line + note);
    if (activity.frames.size() >= m_limits.frames)
        return failAt(&node, fail(ScriptErrc::CallDepth, {}));
    activity.frames.push_back({*fragment, (*fragment)->function("Main"), 0});
}

} // namespace sr::script
