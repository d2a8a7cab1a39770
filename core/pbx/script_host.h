// SPDX-License-Identifier: GPL-3.0-or-later
// One call of a voicemail object: gets the script, answers, and does what the script asks for.
//
//   begin() --> script read (worker, HTTP) --> answer --> Script <--> Host: call, files (worker), exchange
//                     \-- not within 5 s: backup                          \-- over --> done()
#pragma once

#include "core/pbx/alarms.h"
#include "core/pbx/announcement.h"
#include "core/pbx/directory.h"
#include "core/pbx/local_dialer.h"
#include "core/pbx/script_parts.h"
#include "core/pbx/script_place.h"
#include "core/script/script.h"

namespace sr::pbx {

/// What the calls of all scripts share; outlives them.
struct ScriptEnvironment {
    /// By HTTP; answers on any thread.
    using Fetch = std::function<void(const std::string& url, std::function<void(Result<std::string>)> done)>;

    const ScriptParts& parts;
    LocalDialer& dialer; ///< for calls that scripts place
    media::Executor post;
    SoundFinder sounds; ///< `music` is music on hold
    Alarms& alarms;
    ScriptWorker& worker;
    Fetch fetch;
    const Clock& clock;
    const std::shared_ptr<const Directory>& directory; ///< the present one
};

/// Control thread.
class ScriptHost final : public script::Host, public std::enable_shared_from_this<ScriptHost> {
public:
    static constexpr const char* kDefaultScript = "voicemail.xml";
    static constexpr seconds kReadWithin{5};      ///< then the backup is read
    static constexpr seconds kForwardWithin{120}; ///< for who is called by `pbx-fwd` to answer

    /// `done`: the call and its script are over, and nothing of it runs any more.
    ScriptHost(const ScriptEnvironment& environment, const Object& object, std::unique_ptr<LocalCall> call,
               std::function<void()> done);
    ~ScriptHost() override;
    void begin();
    const std::string& object() const { return m_object; }
    void hangUp(); ///< the script does what it does at the end of a call

    // -- script::Host
    void play(script::RequestId id, const script::PromptRequest& prompt) override;
    void record(script::RequestId id, const script::RecordRequest& request) override;
    void stopRecording(script::RequestId id) override;
    void cancel(script::RequestId id) override;
    void transfer(script::RequestId id, const script::Destination& to) override;
    void forward(script::RequestId id, const std::string& e164) override;
    void disconnect(int cause) override;
    script::CallInfo callInfo() const override;
    void query(script::RequestId id, const std::string& name, script::ObjectQuery what) override;
    void findUser(script::RequestId id, const std::string& e164) override;
    void message(const std::string& cgpn, const std::string& e164, const std::string& text) override;
    void waitingLamp(const std::string& e164, int fresh, int old) override;
    void mark(script::RequestId id) override;
    void tan(script::RequestId id, const std::string& sixDigits) override;
    void lastRecording(script::RequestId id) override;
    void store(script::RequestId id, const script::StoreRequest& request) override;
    void fetch(script::RequestId id, const std::string& url) override;
    void timer(script::RequestId id, std::chrono::milliseconds after) override;
    UtcTime now() const override { return m_environment.clock.utcNow(); }
    script::CivilTime civil(UtcTime time) const override;
    void note(std::string_view line) override;
    void ended(const Status& how) override;

private:
    using Id = script::RequestId;
    using Code = script::Answer::Code;
    using ProgramPtr = std::shared_ptr<const script::Program>;
    /// A call that was placed for `pbx-fwd`.
    struct Forward {
        Id id = 0;
        std::unique_ptr<LocalCall> call;
        Alarms::Id alarm = 0;
        bool joins = false;
    };

    // script_host.cpp: the script and its call
    void listen();
    void load();
    void loadLocal(const ScriptPlace& place);
    void loadByHttp(const ScriptPlace& place);
    void onLoaded(std::size_t attempt, const Result<ProgramPtr>& program);
    void start(ProgramPtr program);
    void onCallEnded();
    void finish();
    void say(const std::string& words) const;
    const Object* caller() const;
    std::string numberOf(const Object& object) const;
    bool isTraced() const { return m_traces; }
    void answer(Id id, script::Answer answer);
    void answer(Id id, Code code) { answer(id, script::Answer{code, {}, 0, {}}); }
    ScriptParts::Done answerTo(Id id);
    /// `work` on the worker, `then` with what it gives back here, if the call is still there. Answers Failed
    /// itself where the worker is overburdened.
    template <typename Work, typename Then>
    void onWorker(Id id, Work work, Then then);

    // script_host_media.cpp: what the call hears and says, and where it goes
    void onSounds(Id id, unsigned times, std::vector<media::SoundPtr> sounds);
    void endPlay(Code code);
    void onRecordFile(Id id, const script::RecordRequest& request, Result<std::shared_ptr<File>> file);
    void onRecorded(const media::Recorded& recorded);
    void removeLater(const Path& file);
    void onTransferred(int status);
    void onForwardAnswered();
    void dropForward();
    void endForward(Code code);

    const Object* userAt(const std::string& e164) const;

    const ScriptEnvironment& m_environment;
    std::string m_object;
    std::string m_node; ///< of the object: numbers are meant there
    std::string m_hosts;
    std::vector<std::string> m_urls; ///< the script's, then its backup's
    bool m_traces = false;
    std::function<void()> m_done;
    std::unique_ptr<LocalCall> m_call;
    std::size_t m_attempt = 0; ///< of m_urls
    ScriptPlace m_place;       ///< of that one
    Path m_folder;             ///< of that script
    std::string m_lastTrouble;
    Alarms::Id m_loadAlarm = 0;
    std::string m_digits; ///< before there is a script
    bool m_over = false;  ///< nothing is to be done any more
    std::unordered_map<Id, Alarms::Id> m_timers;
    Id m_play = 0;
    Alarms::Id m_playAlarm = 0;
    Id m_recordStopped = 0;     ///< before its file was there
    std::map<Path, Id> m_takes; ///< recordings that run
    Id m_transfer = 0;          ///< also that of a forward
    std::optional<Forward> m_forward;
    std::map<std::string, media::SoundPtr> m_replays; ///< by the name that the script has of them
    std::unique_ptr<script::Script> m_script;
};

template <typename Work, typename Then>
void ScriptHost::onWorker(Id id, Work work, Then then)
{
    const bool taken =
        m_environment.worker.run([weak = weak_from_this(), post = m_environment.post, work = std::move(work),
                                  then = std::move(then)](ScriptFiles& files) mutable {
            auto result = std::make_shared<decltype(work(files))>(work(files));
            post([weak, result, then = std::move(then)] {
                if (const auto self = weak.lock(); self && !self->m_over)
                    then(*self, std::move(*result));
            });
        });
    if (!taken)
        answer(id, Code::Failed);
}

} // namespace sr::pbx
