// SPDX-License-Identifier: GPL-3.0-or-later
// A host that plays a call by words: what happens to the script goes in, what the script asked for comes out.
#pragma once

#include "core/script/folder_storage.h"
#include "core/script/script.h"
#include "core/script/storage_path.h"

#include <deque>
#include <set>

namespace sr::test {

using script::Answer;
using script::Program;
using script::RequestId;
using script::Script;

class FakeHost final : public script::Host {
public:
    /// Whether questions are answered inside of the request or when the script has returned.
    enum class Answers { AtOnce, Later };
    explicit FakeHost(Answers answers = Answers::Later)
        : m_answers(answers)
    {}

    script::CallInfo call;
    std::map<std::string, std::string> files;    ///< of the script
    const script::FolderStorage* disk = nullptr; ///< in place of `files`
    std::map<std::string, std::string> users = {{"200", "Berta"}};
    std::map<std::string, std::string> fragments; ///< by URL
    std::map<std::string, std::string> forwards;  ///< by name of the object and type
    std::set<std::string> broken;                 ///< sounds that end at once
    std::string marks, recording;                 ///< what mark() and lastRecording() answer
    Answer::Code tanCode = Answer::Code::Done;
    std::optional<std::string> end; ///< why the script ended, empty for no error
    std::string notes;              ///< lines
    std::size_t requests = 0;

    void load(const std::string& xml, const std::string& query = {}, const script::Limits& limits = {})
    {
        const auto program = Program::parse(xml, limits);
        script = std::make_unique<Script>(program.value(), *this, limits);
        (void)script->preset(query);
    }

    /// One thing that happens: `start`, `dial DIGITS`, `done`, `recorded SEC`, `refuse`, `wait SEC`, `hangup
    /// [SEC]`, `info`. Returns what the script did meanwhile, parted by `; `.
    std::string act(const std::string& what)
    {
        const std::string verb = what.substr(0, what.find(' '));
        const std::string rest = verb.size() == what.size() ? std::string() : what.substr(verb.size() + 1);
        if (verb == "start")
            script->start();
        else if (verb == "dial")
            for (const char c : rest)
                script->digit(c);
        else if (verb == "done")
            answerMedia({});
        else if (verb == "refuse")
            answerMedia({Answer::Code::Refused, {}, 0, {}});
        else if (verb == "recorded")
            answerMedia({Answer::Code::Done, {}, std::stoi(rest), {}});
        else if (verb == "wait")
            pass(seconds(std::stoi(rest)));
        else if (verb == "hangup")
            hangUp(rest);
        else if (verb == "info")
            script->callInfoChanged();
        pass(milliseconds(80)); // the pauses of a long loop; less than any tag waits
        return std::exchange(m_log, {});
    }

    /// Lets the script run on through its pauses.
    void pass(milliseconds by)
    {
        const milliseconds until = m_now + by;
        for (pump();; pump()) {
            auto first = m_timers.end();
            for (auto it = m_timers.begin(); it != m_timers.end(); ++it)
                if (it->second <= until && (first == m_timers.end() || it->second < first->second))
                    first = it;
            if (first == m_timers.end())
                break;
            m_now = std::max(m_now, first->second);
            const RequestId id = first->first;
            m_timers.erase(first);
            script->answer(id, {});
        }
        m_now = until;
    }

    std::unique_ptr<Script> script;

    // -- script::Host
    void play(RequestId id, const script::PromptRequest& prompt) override
    {
        std::string line = "play";
        bool heard = prompt.sounds.empty();
        for (const script::Sound& sound : prompt.sounds) {
            const std::string name = sound.kind == script::Sound::Kind::Tone          ? "TONE"
                                     : sound.kind == script::Sound::Kind::MusicOnHold ? "MOH"
                                                                                      : sound.name;
            line += " " + name;
            heard = heard || !broken.contains(name);
        }
        if (prompt.times != 1)
            line += " x" + std::to_string(prompt.times);
        if (prompt.most) {
            line += " " + std::to_string(prompt.most->count()) + "s";
            m_timers[id] = m_now + *prompt.most;
        }
        say(line);
        if (heard)
            m_media = id;
        else
            reply(id, {Answer::Code::Missing, {}, 0, {}});
    }
    void record(RequestId id, const script::RecordRequest& request) override
    {
        say("record " + request.name + " " + std::to_string(request.most.count()) + "s");
        if (disk != nullptr ? !disk->create(request.name) : !files.emplace(request.name, "sound").second)
            return reply(id, {Answer::Code::Exists, {}, 0, {}});
        m_media = m_recording = id;
        m_recordingTo = request.name;
    }
    void stopRecording(RequestId id) override
    {
        say("stop recording");
        m_media = m_recording = 0;
        reply(id, {Answer::Code::Done, {}, 7, {}});
    }
    void cancel(RequestId id) override
    {
        m_timers.erase(id);
        if (m_media == id && id != 0)
            m_media = 0;
    }
    void transfer(RequestId id, const script::Destination& to) override
    {
        say("transfer " + to.e164 + to.name);
        m_media = id;
    }
    void forward(RequestId id, const std::string& e164) override
    {
        say("forward " + e164);
        m_media = id;
    }
    void disconnect(int cause) override { say("disconnect " + std::to_string(cause)); }
    script::CallInfo callInfo() const override { return call; }
    void query(RequestId id, const std::string& name, script::ObjectQuery what) override
    {
        const auto found =
            forwards.find(name + (what == script::ObjectQuery::ForwardAlways ? " cfu" : " cfnr"));
        reply(id, found == forwards.end() ? Answer{Answer::Code::Missing, {}, 0, {}}
                                          : Answer{Answer::Code::Done, found->second, 0, {}});
    }
    void findUser(RequestId id, const std::string& e164) override { lookUp(id, users, e164); }
    void message(const std::string& cgpn, const std::string& e164, const std::string& text) override
    {
        say("message " + cgpn + ">" + e164 + " " + text);
    }
    void waitingLamp(const std::string& e164, int fresh, int old) override
    {
        say("lamp " + e164 + " " + std::to_string(fresh) + "/" + std::to_string(old));
    }
    void mark(RequestId id) override { say("mark"), give(id, marks); }
    void tan(RequestId id, const std::string& sixDigits) override
    {
        say("tan " + sixDigits);
        reply(id, {tanCode, {}, 0, {}});
    }
    void lastRecording(RequestId id) override { give(id, recording); }
    void store(RequestId id, const script::StoreRequest& request) override
    {
        using Verb = script::StoreRequest::Verb;
        if (disk != nullptr)
            return reply(id, disk->serve(request));
        switch (request.verb) {
        case Verb::Read:
            return lookUp(id, files, request.name);
        case Verb::Write:
            files[request.name] = request.text;
            return reply(id, {});
        case Verb::Locate:
            return files.contains(request.name) ? reply(id, {Answer::Code::Done, request.name, 0, {}})
                                                : reply(id, {Answer::Code::Missing, {}, 0, {}});
        case Verb::Stat:
            return files.contains(request.name) ? reply(id, {Answer::Code::Done, {}, 0, now()})
                                                : reply(id, {Answer::Code::Missing, {}, 0, {}});
        case Verb::MakeFolder:
            return reply(id, files.emplace(request.name, "folder").second
                                 ? Answer{}
                                 : Answer{Answer::Code::Exists, {}, 0, {}});
        case Verb::Remove:
            files.erase(request.name);
            return reply(id, {});
        }
    }
    void fetch(RequestId id, const std::string& url) override { lookUp(id, fragments, url); }
    void timer(RequestId id, milliseconds after) override { m_timers[id] = m_now + after; }
    UtcTime now() const override
    {
        return UtcTime(std::chrono::sys_days(std::chrono::year(2026) / 11 / 26)) + std::chrono::hours(9) +
               m_now;
    }
    script::CivilTime civil(UtcTime time) const override
    {
        const auto day = std::chrono::floor<std::chrono::days>(time);
        const std::chrono::year_month_day date(day);
        const std::chrono::hh_mm_ss clock(time - day);
        return {int(date.year()), int(unsigned(date.month())), int(unsigned(date.day())),
                int(clock.hours().count()), int(clock.minutes().count())};
    }
    void note(std::string_view line) override { notes.append(line).append("\n"); }
    void ended(const Status& how) override
    {
        say("ended");
        end = how ? std::string() : how.error().text();
    }

private:
    void say(const std::string& line) { m_log += (m_log.empty() ? "" : "; ") + line; }
    void give(RequestId id, const std::string& text)
    {
        reply(id, {text.empty() ? Answer::Code::Missing : Answer::Code::Done, text, 0, {}});
    }
    void lookUp(RequestId id, const std::map<std::string, std::string>& table, const std::string& key)
    {
        const auto found = table.find(key);
        reply(id, found == table.end() ? Answer{Answer::Code::Missing, {}, 0, {}}
                                       : Answer{Answer::Code::Done, found->second, 0, {}});
    }
    void reply(RequestId id, Answer answer)
    {
        ++requests;
        if (m_answers == Answers::AtOnce)
            script->answer(id, std::move(answer));
        else
            m_replies.emplace_back(id, std::move(answer));
    }
    void answerMedia(Answer answer)
    {
        const RequestId id = std::exchange(m_media, 0);
        if (m_recording == id && answer.code != Answer::Code::Done)
            files.erase(m_recordingTo);
        m_recording = m_recording == id ? 0 : m_recording;
        m_timers.erase(id);
        script->answer(id, std::move(answer));
    }
    void hangUp(const std::string& recorded)
    {
        const RequestId id = std::exchange(m_recording, 0);
        m_media = 0;
        script->callEnded();
        if (id != 0)
            script->answer(id, {Answer::Code::Done, {}, recorded.empty() ? 0 : std::stoi(recorded), {}});
    }
    void pump()
    {
        while (!m_replies.empty()) {
            auto [id, answer] = std::move(m_replies.front());
            m_replies.pop_front();
            script->answer(id, std::move(answer));
        }
    }

    Answers m_answers;
    milliseconds m_now{0};
    std::string m_log;
    std::deque<std::pair<RequestId, Answer>> m_replies;
    std::map<RequestId, milliseconds> m_timers;
    RequestId m_media = 0;
    RequestId m_recording = 0;
    std::string m_recordingTo;
};

} // namespace sr::test
