// SPDX-License-Identifier: GPL-3.0-or-later
// What a script plays and records, and where it sends its call.
#include "core/pbx/script_host.h"

namespace sr::pbx {
namespace {

using script::Answer;

media::SoundPtr ringBack()
{
    static const media::SoundPtr tone = media::Sound::tone(media::Tone::ringBack());
    return tone;
}

/// A recording that says nothing in half a second is no second long, but not empty either.
int secondsOf(std::chrono::milliseconds length)
{
    return static_cast<int>(std::chrono::ceil<seconds>(length).count());
}

} // namespace

void ScriptHost::play(Id id, const script::PromptRequest& prompt)
{
    using SoundKind = script::Sound::Kind;
    m_play = id;
    if (prompt.most)
        m_playAlarm = m_environment.alarms.after(*prompt.most, [weak = weak_from_this(), id] {
            const auto self = weak.lock();
            if (!self || self->m_play != id)
                return;
            self->m_call->stop();
            self->endPlay(Code::Done);
        });
    if (prompt.sounds.empty())
        return; // silence until then
    // What is not on the disk is there already, and what is comes into the gaps.
    std::vector<media::SoundPtr> sounds;
    std::vector<std::pair<std::size_t, std::string>> files;
    for (const script::Sound& sound : prompt.sounds) {
        const auto replay = m_replays.find(sound.name);
        if (sound.kind == SoundKind::File && replay == m_replays.end())
            files.emplace_back(sounds.size(), sound.name);
        sounds.push_back(sound.kind == SoundKind::Tone          ? ringBack()
                         : sound.kind == SoundKind::MusicOnHold ? m_environment.sounds("music")
                         : replay != m_replays.end()            ? replay->second
                                                                : nullptr);
    }
    const auto times = static_cast<unsigned>(prompt.times);
    if (files.empty())
        return onSounds(id, times, std::move(sounds));
    onWorker(
        id,
        [own = ScriptSounds(m_folder, m_environment.parts.shared), codec = m_call->codec(),
         sounds = std::move(sounds), files = std::move(files)](ScriptFiles& disk) mutable {
            for (const auto& [at, name] : files)
                sounds[at] = own.find(disk, name, codec);
            return std::move(sounds);
        },
        [id, times](ScriptHost& self, std::vector<media::SoundPtr> found) {
            self.onSounds(id, times, std::move(found));
        });
}

void ScriptHost::onSounds(Id id, unsigned times, std::vector<media::SoundPtr> sounds)
{
    if (m_play != id)
        return;
    const std::size_t missing = std::erase(sounds, nullptr);
    if (missing > 0)
        note(std::to_string(missing) + " of the sounds are not there");
    if (sounds.empty())
        return endPlay(Code::Missing);
    if (const Status plays = m_call->play(media::PlayList{std::move(sounds), times}); !plays) {
        note(plays.error().text());
        endPlay(Code::Failed);
    }
}

void ScriptHost::endPlay(Code code)
{
    m_environment.alarms.cancel(std::exchange(m_playAlarm, 0));
    if (const Id id = std::exchange(m_play, 0); id != 0)
        answer(id, code);
}

void ScriptHost::record(Id id, const script::RecordRequest& request)
{
    if (!request.name.ends_with(".g711a") && !request.name.ends_with(".wav")) {
        note(request.name + " is neither .g711a nor .wav");
        return answer(id, Code::Refused);
    }
    onWorker(
        id,
        [storage = script::FolderStorage(m_folder),
         name = request.name](ScriptFiles&) -> Result<std::shared_ptr<File>> {
            auto file = storage.create(name);
            return file ? Result<std::shared_ptr<File>>(std::shared_ptr<File>(std::move(*file)))
                        : file.error();
        },
        [id, request](ScriptHost& self, Result<std::shared_ptr<File>> file) {
            self.onRecordFile(id, request, std::move(file));
        });
}

void ScriptHost::onRecordFile(Id id, const script::RecordRequest& request, Result<std::shared_ptr<File>> file)
{
    if (!file) {
        note(file.error().text());
        return answer(id, file.error().code == BaseErrc::Exists              ? Code::Exists
                          : file.error().code == script::ScriptErrc::BadName ? Code::Refused
                                                                             : Code::Failed);
    }
    media::RecordPlan plan;
    plan.file = (*file)->path();
    plan.limit = request.most;
    plan.silence = request.silence;
    plan.form =
        request.name.ends_with(".g711a") ? media::RecordPlan::Form::ALaw : media::RecordPlan::Form::Wav;
    plan.output = std::move(*file);
    const Path path = plan.file;
    if (m_recordStopped == id || m_call->isOver() || !m_call->record(std::move(plan))) {
        removeLater(path);
        return answer(id, Code::Failed);
    }
    m_takes.emplace(path, id);
}

void ScriptHost::onRecorded(const media::Recorded& recorded)
{
    const auto take = m_takes.find(recorded.file);
    if (take == m_takes.end())
        return;
    const Id id = take->second;
    m_takes.erase(take);
    if (recorded.status)
        return answer(id, Answer{Code::Done, {}, secondsOf(recorded.length), {}});
    say("a message is lost: " + recorded.status.error().text());
    removeLater(recorded.file);
    answer(id, Code::Failed);
}

void ScriptHost::removeLater(const Path& file)
{
    m_environment.worker.run([file](ScriptFiles&) { (void)removeFile(file); });
}

void ScriptHost::stopRecording(Id id)
{
    m_recordStopped = id;
    m_call->stopRecording();
}

void ScriptHost::cancel(Id id)
{
    if (const auto timer = m_timers.find(id); timer != m_timers.end()) {
        m_environment.alarms.cancel(timer->second);
        m_timers.erase(timer);
    }
    if (m_play == id) {
        m_play = 0;
        m_environment.alarms.cancel(std::exchange(m_playAlarm, 0));
        m_call->stop();
    }
    if (m_forward && m_forward->id == id)
        dropForward();
}

void ScriptHost::transfer(Id id, const script::Destination& to)
{
    m_transfer = id;
    m_call->transfer(to.e164.empty() ? to.name : to.e164);
}

/// After 200 the call ends by itself.
void ScriptHost::onTransferred(int status)
{
    if (m_transfer == 0 || status < 200 || status == 202)
        return;
    const Id id = std::exchange(m_transfer, 0);
    const Code code = status < 300 ? Code::Done : Code::Refused;
    if (m_forward && m_forward->id == id)
        return endForward(code);
    answer(id, code);
}

/// A second call of the object, which becomes one with the caller's when it is answered.
void ScriptHost::forward(Id id, const std::string& e164)
{
    auto placed = m_environment.dialer.placeCall({{m_call->info().from.display, m_object, {}}, e164});
    if (!placed) {
        note(placed.error().text());
        return answer(id, Code::Refused);
    }
    LocalCallEvents events;
    events.progress = [this](int status) {
        if (status >= 200)
            onForwardAnswered();
    };
    events.ended = [this](int) {
        if (m_forward && !m_forward->joins)
            endForward(Code::Refused);
    };
    (*placed)->setEvents(std::move(events));
    m_forward.emplace(Forward{id, std::move(*placed), 0, false});
    m_forward->alarm = m_environment.alarms.after(kForwardWithin, [weak = weak_from_this(), id] {
        const auto self = weak.lock();
        if (self && self->m_forward && self->m_forward->id == id && !self->m_forward->joins)
            self->endForward(Code::Refused);
    });
    (void)m_call->play(ringBack(), 0); // a codec that is not spoken here waits in silence
}

void ScriptHost::onForwardAnswered()
{
    if (!m_forward || m_forward->joins)
        return;
    m_forward->joins = true;
    m_call->stop();
    m_transfer = m_forward->id;
    m_call->transferTo(*m_forward->call);
}

/// Who is called rings no more.
void ScriptHost::dropForward()
{
    if (!m_forward)
        return;
    m_environment.alarms.cancel(m_forward->alarm);
    if (m_transfer == m_forward->id)
        m_transfer = 0;
    m_forward.reset();
    m_call->stop();
}

void ScriptHost::endForward(Code code)
{
    const Id id = m_forward->id;
    dropForward();
    answer(id, code);
}

} // namespace sr::pbx
