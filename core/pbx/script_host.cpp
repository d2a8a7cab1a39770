// SPDX-License-Identifier: GPL-3.0-or-later
// How a call comes to its script, what the script asks the exchange, and the end of both.
#include "core/pbx/script_host.h"

#include "core/pbx/object_settings.h"
#include "core/pbx/q850.h"
#include "core/pbx/script_fetch.h"

namespace sr::pbx {
namespace {

using script::Answer;

constexpr int kServiceUnavailable = 503;

Result<std::shared_ptr<const script::Program>> readProgram(ScriptFiles& files, const Path& own,
                                                           const Path& shared, const std::string& name)
{
    const auto path = script::FolderStorage(own).find(name);
    if (path)
        return files.program(*path);
    const auto along = script::FolderStorage(shared).find(name);
    return along ? files.program(*along) : path.error();
}

bool isUser(const Object* object)
{
    return object != nullptr && (object->kind == Kind::User || object->kind == Kind::Executive);
}

} // namespace

ScriptHost::ScriptHost(const ScriptEnvironment& environment, const Object& object,
                       std::unique_ptr<LocalCall> call, std::function<void()> done)
    : m_environment(environment)
    , m_object(object.name)
    , m_node(object.node)
    , m_hosts(textSetting(object, "hosts"))
    , m_traces(flagSetting(object, "trace"))
    , m_done(std::move(done))
    , m_call(std::move(call))
    , m_digits(m_call->info().service["digits"])
{
    const std::string& script = textSetting(object, "script");
    const std::string& backup = textSetting(object, "backup");
    m_urls.push_back(script.empty() ? std::string(kDefaultScript) : script);
    if (!backup.empty())
        m_urls.push_back(backup);
}

ScriptHost::~ScriptHost()
{
    m_over = true; // what ends now answers nobody
    for (const auto& [id, alarm] : m_timers)
        m_environment.alarms.cancel(alarm);
    m_environment.alarms.cancel(m_playAlarm);
    m_environment.alarms.cancel(m_loadAlarm);
    if (m_forward)
        m_environment.alarms.cancel(m_forward->alarm);
}

// -- getting the script

void ScriptHost::begin()
{
    listen();
    load();
}

void ScriptHost::listen()
{
    LocalCallEvents events;
    events.played = [this](media::PlayEnd end) {
        endPlay(end == media::PlayEnd::Done ? Code::Done : Code::Failed);
    };
    events.digit = [this](char symbol, std::chrono::milliseconds) {
        if (m_script)
            m_script->digit(symbol);
        else if (m_digits.size() < script::Limits{}.digits)
            m_digits += symbol;
    };
    events.recorded = [this](const media::Recorded& recorded) { onRecorded(recorded); };
    events.transferred = [this](int status) { onTransferred(status); };
    events.callerChanged = [this] {
        if (m_script)
            m_script->callInfoChanged();
    };
    events.ended = [this](int) { onCallEnded(); };
    m_call->setEvents(std::move(events));
}

void ScriptHost::load()
{
    if (m_attempt >= m_urls.size()) {
        say("no script: " + m_lastTrouble);
        m_call->hangUp(kServiceUnavailable);
        return finish();
    }
    const auto place = scriptPlace(m_urls[m_attempt]);
    if (!place)
        return onLoaded(m_attempt, place.error());
    m_place = *place;
    m_folder = folderOfScript(m_environment.parts.folder, m_place, m_object);
    m_loadAlarm = m_environment.alarms.after(kReadWithin, [weak = weak_from_this(), at = m_attempt] {
        if (const auto self = weak.lock())
            self->onLoaded(at, fail(BaseErrc::Io, self->m_urls[at] + " was not read in time"));
    });
    if (m_place.url.empty())
        loadLocal(m_place);
    else
        loadByHttp(m_place);
}

void ScriptHost::loadLocal(const ScriptPlace& place)
{
    const bool taken = m_environment.worker.run(
        [weak = weak_from_this(), post = m_environment.post, own = m_environment.parts.folder,
         shared = m_environment.parts.shared, name = place.name, at = m_attempt](ScriptFiles& files) {
            post([weak, at, program = readProgram(files, own, shared, name)] {
                if (const auto self = weak.lock())
                    self->onLoaded(at, program);
            });
        });
    if (!taken)
        onLoaded(m_attempt, fail(BaseErrc::Io, "too much waits for the disk"));
}

void ScriptHost::loadByHttp(const ScriptPlace& place)
{
    if (!ScriptFetch::isAllowed(place.url, m_hosts))
        return onLoaded(m_attempt, fail(BaseErrc::Denied, place.url + " is on none of the `hosts`"));
    m_environment.fetch(place.url, [weak = weak_from_this(), post = m_environment.post,
                                    at = m_attempt](const Result<std::string>& text) {
        Result<ProgramPtr> program =
            text ? script::Program::parse(*text, {}) : Result<ProgramPtr>(text.error());
        post([weak, at, program = std::move(program)] {
            if (const auto self = weak.lock())
                self->onLoaded(at, program);
        });
    });
}

void ScriptHost::onLoaded(std::size_t attempt, const Result<ProgramPtr>& program)
{
    if (m_over || m_script || attempt != m_attempt)
        return;
    m_environment.alarms.cancel(std::exchange(m_loadAlarm, 0));
    if (program)
        return start(*program);
    m_lastTrouble = program.error().text();
    if (++m_attempt < m_urls.size())
        say(m_lastTrouble + "; its backup is taken");
    load();
}

void ScriptHost::start(ProgramPtr program)
{
    if (const Status answered = m_call->answer(); !answered) { // it has been refused
        say(answered.error().text());
        return finish();
    }
    m_script = std::make_unique<script::Script>(std::move(program), *this);
    if (const Status preset = m_script->preset(m_place.query); !preset)
        note(preset.error().text());
    if (isTraced())
        (void)m_script->preset("_trace=1");
    for (const char digit : std::exchange(m_digits, {}))
        m_script->digit(digit);
    m_script->start();
}

// -- the end

void ScriptHost::onCallEnded()
{
    if (!m_script)
        return finish();
    dropForward();
    m_script->callEnded();
}

void ScriptHost::hangUp()
{
    m_call->hangUp(kServiceUnavailable);
    onCallEnded();
}

void ScriptHost::ended(const Status& how)
{
    if (!how)
        say("the script failed: " + how.error().text());
    finish();
}

/// Not at once: who tells may be the script itself.
void ScriptHost::finish()
{
    if (std::exchange(m_over, true))
        return;
    m_call->hangUp();
    m_environment.post([weak = weak_from_this()] {
        if (const auto self = weak.lock())
            self->m_done();
    });
}

void ScriptHost::disconnect(int cause)
{
    dropForward();
    m_call->hangUp(q850::statusOfCause(cause));
}

void ScriptHost::answer(Id id, Answer answer)
{
    if (!m_over && m_script)
        m_script->answer(id, std::move(answer));
}

ScriptParts::Done ScriptHost::answerTo(Id id)
{
    return [weak = weak_from_this(), id](Answer answer) {
        if (const auto self = weak.lock())
            self->answer(id, std::move(answer));
    };
}

void ScriptHost::say(const std::string& words) const
{
    if (m_environment.parts.say)
        m_environment.parts.say("Voicemail object '" + m_object + "': " + words);
}

void ScriptHost::note(std::string_view line)
{
    if (isTraced())
        say(std::string(line));
}

// -- what the exchange knows

const Object* ScriptHost::caller() const
{
    return m_environment.directory->byName(m_call->info().service["caller"]);
}

std::string ScriptHost::numberOf(const Object& object) const
{
    const std::string number = m_environment.directory->numberFrom(m_node, object);
    return number.empty() ? object.name : number;
}

script::CallInfo ScriptHost::callInfo() const
{
    const LocalCallInfo& call = m_call->info();
    const Object* const from = caller();
    script::CallInfo info;
    // Nobody outside opens a mailbox by showing the number of its owner.
    const bool showsOurs = !isUser(from) && userAt(call.from.user) != nullptr;
    if (!showsOurs)
        info.cgpn = isUser(from) ? numberOf(*from) : call.from.user;
    info.cdpn = call.to.user + call.service["digits"];
    info.callingName = call.from.display;
    info.confId = call.conferenceGuid;
    info.leg2Count = static_cast<int>(call.diversions.size());
    if (call.diversions.empty())
        return info;
    const sip::Diversion& last = call.diversions.front();
    const Object* const by = m_environment.directory->byName(last.name);
    info.leg2 = by != nullptr ? numberOf(*by) : last.number;
    info.leg2Reason = last.reason;
    info.h323 = last.name;
    return info;
}

void ScriptHost::query(Id id, const std::string& name, script::ObjectQuery what)
{
    using Type = Diversion::Type;
    const Object* const object = m_environment.directory->byName(name);
    const Diversion* const to =
        object == nullptr
            ? nullptr
            : plainDiversion(*object,
                             what == script::ObjectQuery::ForwardAlways ? Type::Always : Type::NoAnswer);
    answer(id, to == nullptr ? Answer{Code::Missing, {}, 0, {}} : Answer{Code::Done, to->to, 0, {}});
}

/// Null if the number is no user's.
const Object* ScriptHost::userAt(const std::string& e164) const
{
    const Reached reached = m_environment.directory->reach(m_node, e164);
    return isUser(reached.object) && reached.rest.empty() ? reached.object : nullptr;
}

void ScriptHost::findUser(Id id, const std::string& e164)
{
    const Object* const user = userAt(e164);
    if (user == nullptr)
        return answer(id, Code::Missing);
    answer(id, Answer{Code::Done, user->longName, 0, {}});
}

void ScriptHost::message(const std::string& cgpn, const std::string& e164, const std::string& text)
{
    const Object* const user = userAt(e164);
    if (user != nullptr && m_environment.parts.sendMessage)
        m_environment.parts.sendMessage({m_object, cgpn, user->name, text});
    else
        note(user == nullptr ? "no user to send a message to" : "messages are not sent here");
}

void ScriptHost::waitingLamp(const std::string& e164, int fresh, int old)
{
    const Object* const user = userAt(e164);
    const auto count = [](int number) { return static_cast<std::uint32_t>(std::max(number, 0)); };
    if (user != nullptr && m_environment.parts.onMailbox)
        m_environment.parts.onMailbox(user->name, count(fresh), count(old));
}

// -- recordings of the caller

void ScriptHost::mark(Id id)
{
    const Object* const user = caller();
    if (!isUser(user) || !m_environment.parts.markCall)
        return answer(id, Code::Missing);
    m_environment.parts.markCall(user->name, answerTo(id));
}

void ScriptHost::tan(Id id, const std::string& sixDigits)
{
    const Object* const user = caller();
    if (!isUser(user) || !m_environment.parts.tanOfCall)
        return answer(id, Code::Missing);
    m_environment.parts.tanOfCall(user->name, sixDigits, answerTo(id));
}

void ScriptHost::lastRecording(Id id)
{
    const Object* const user = caller();
    if (!isUser(user) || !m_environment.parts.lastRecording)
        return answer(id, Code::Missing);
    onWorker(
        id,
        [find = m_environment.parts.lastRecording, number = m_environment.directory->numberFrom({}, *user),
         directory = m_environment.directory](ScriptFiles&) {
            return find(number, [&](const std::string& other) {
                const Object* const object = directory->reach({}, other).object;
                return object != nullptr && object->kind == Kind::Voicemail;
            });
        },
        [id](ScriptHost& self, Result<media::SoundPtr> sound) {
            if (!sound) {
                self.note(sound.error().text());
                return self.answer(id,
                                   sound.error().code == BaseErrc::NotFound ? Code::Missing : Code::Failed);
            }
            // No name of a file has a colon in it, see script::storagePath().
            const std::string name = "recording:" + std::to_string(self.m_replays.size() + 1);
            self.m_replays.emplace(name, std::move(*sound));
            self.answer(id, Answer{Code::Done, name, 0, {}});
        });
}

// -- files, time

void ScriptHost::store(Id id, const script::StoreRequest& request)
{
    onWorker(
        id,
        [storage = script::FolderStorage(m_folder), request](ScriptFiles&) { return storage.serve(request); },
        [id](ScriptHost& self, Answer answer) { self.answer(id, std::move(answer)); });
}

void ScriptHost::fetch(Id id, const std::string& url)
{
    const auto place = scriptPlace(url);
    if (!place || (!place->url.empty() && !ScriptFetch::isAllowed(place->url, m_hosts))) {
        note(url + " is refused");
        return answer(id, Code::Refused);
    }
    const auto take = [id](ScriptHost& self, const Result<std::string>& text) {
        if (!text)
            self.note(text.error().text());
        self.answer(id, text ? Answer{Code::Done, *text, 0, {}} : Answer{Code::Failed, {}, 0, {}});
    };
    if (!place->url.empty()) {
        m_environment.fetch(place->url, [weak = weak_from_this(), post = m_environment.post,
                                         take](const Result<std::string>& text) {
            post([weak, take, text] {
                if (const auto self = weak.lock())
                    take(*self, text);
            });
        });
        return;
    }
    const bool isRelative = !url.starts_with("http://");
    onWorker(
        id,
        [folder = isRelative ? m_folder : m_environment.parts.folder, shared = m_environment.parts.shared,
         name = place->name](ScriptFiles&) -> Result<std::string> {
            auto path = script::FolderStorage(folder).find(name);
            if (!path)
                path = script::FolderStorage(shared).find(name);
            const auto text =
                path ? readFile(*path, script::Limits{}.textBytes) : Result<Bytes>(path.error());
            return text ? Result<std::string>(std::string(textOf(*text))) : text.error();
        },
        take);
}

void ScriptHost::timer(Id id, std::chrono::milliseconds after)
{
    m_timers[id] = m_environment.alarms.after(after, [weak = weak_from_this(), id] {
        const auto self = weak.lock();
        if (!self)
            return;
        self->m_timers.erase(id);
        self->answer(id, Code::Done);
    });
}

script::CivilTime ScriptHost::civil(UtcTime time) const
{
    const QDateTime local = localTime(time, m_environment.parts.utcOffset);
    const QDate date = local.date();
    return {date.year(), date.month(), date.day(), local.time().hour(), local.time().minute()};
}

} // namespace sr::pbx
