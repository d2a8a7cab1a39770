// SPDX-License-Identifier: GPL-3.0-or-later
// Transport on the playback thread. Pausing stops the device and steps back to what was heard.
#include "player/engine/player_worker.h"

#include <algorithm>

namespace sr::player {

namespace {
constexpr milliseconds kTick{33}; // about 30 snapshots a second
} // namespace

PlayerWorker::PlayerWorker(const MixControls& controls, AudioOutputFactory output)
    : m_makeOutput(std::move(output))
    , m_playback(controls)
    , m_timer(this)
{
    m_timer.setInterval(kTick);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &PlayerWorker::tick);
}

PlayerWorker::~PlayerWorker() = default;

AudioOutput& PlayerWorker::output()
{
    if (!m_output)
        m_output = m_makeOutput();
    return *m_output;
}

void PlayerWorker::load(quint64 generation, const std::string& uid, const AudioOpener& opener, bool thenPlay)
{
    silence();
    m_playback.unload();
    m_generation = generation;
    m_seekedTo = 0;
    setState(PlayState::Loading);
    Result<RecordingAudio> audio = opener(uid);
    if (!audio) {
        setState(PlayState::Empty);
        emit failed(m_generation, audio.error());
        return;
    }
    m_playback.load(std::move(audio->reader), audio->layout);
    setState(PlayState::Stopped);
    emit loaded(m_generation);
    if (thenPlay)
        play();
}

void PlayerWorker::unload(quint64 generation)
{
    silence();
    m_playback.unload();
    m_generation = generation;
    m_seekedTo = 0;
    setState(PlayState::Empty);
}

void PlayerWorker::play()
{
    if (!m_playback.loaded() || m_state == PlayState::Playing)
        return;
    if (m_playback.atEnd())
        seek(0);
    const Status started = output().start(m_playback.sampleRate(),
                                          [this](std::span<std::int16_t> out) { m_playback.pull(out); });
    if (!started) {
        emit deviceChanged(started.error().code != make_error_code(PlayErrc::NoDevice));
        emit failed(m_generation, started.error());
        return;
    }
    emit deviceChanged(true);
    m_timer.start();
    setState(PlayState::Playing);
}

std::uint64_t PlayerWorker::heardFrame()
{
    const std::uint64_t waiting = m_output && m_state == PlayState::Playing ? m_output->waitingFrames() : 0;
    const std::uint64_t silent = std::min(waiting, m_playback.framesAfterEnd());
    const std::uint64_t ahead = std::min(waiting - silent, m_playback.frame());
    return std::max(m_seekedTo, m_playback.frame() - ahead);
}

void PlayerWorker::silence()
{
    m_timer.stop();
    if (m_output)
        m_output->stop();
    m_playback.calm();
}

void PlayerWorker::pause()
{
    if (m_state != PlayState::Playing)
        return;
    const std::uint64_t heard = heardFrame();
    silence();
    m_state = PlayState::Paused;
    seek(heard);
}

void PlayerWorker::stop()
{
    if (!m_playback.loaded())
        return;
    silence();
    m_state = PlayState::Stopped;
    seek(0);
}

void PlayerWorker::seek(std::uint64_t frame)
{
    if (!m_playback.loaded())
        return;
    if (const Status moved = m_playback.seek(frame); !moved) {
        emit failed(m_generation, moved.error());
        return;
    }
    m_seekedTo = m_playback.frame();
    publish(milliseconds{0});
}

void PlayerWorker::skip(milliseconds by)
{
    const std::int64_t frames = by.count() * static_cast<std::int64_t>(m_playback.sampleRate()) / 1000;
    const std::int64_t target = static_cast<std::int64_t>(heardFrame()) + frames;
    seek(static_cast<std::uint64_t>(std::max<std::int64_t>(0, target)));
}

void PlayerWorker::probe()
{
    emit deviceChanged(static_cast<bool>(output().probe()));
}

void PlayerWorker::shutDown()
{
    silence();
    m_output.reset();
    m_playback.unload();
}

void PlayerWorker::setState(PlayState state)
{
    m_state = state;
    publish(milliseconds{0});
}

void PlayerWorker::tick()
{
    if (const std::optional<Error> fault = m_playback.fault()) {
        silence();
        setState(PlayState::Paused);
        emit failed(m_generation, *fault);
        return;
    }
    if (m_playback.atEnd() && m_playback.framesAfterEnd() >= m_output->waitingFrames()) {
        silence();
        m_seekedTo = m_playback.frame();
        setState(PlayState::Stopped);
        emit finished(m_generation);
        return;
    }
    publish(kTick);
}

void PlayerWorker::publish(milliseconds passed)
{
    PlaySnapshot snapshot;
    snapshot.state = m_state;
    snapshot.frame = heardFrame();
    snapshot.frames = m_playback.frames();
    snapshot.sampleRate = m_playback.sampleRate();
    snapshot.layout = m_playback.layout();
    snapshot.levels = m_playback.levels(passed);
    emit snapshotTaken(m_generation, snapshot);
}

} // namespace sr::player
