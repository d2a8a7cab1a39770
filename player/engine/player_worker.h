// SPDX-License-Identifier: GPL-3.0-or-later
// The playback thread's half of the player: owns reader and device.
#pragma once

#include "player/engine/playback.h"
#include "player/engine/player.h"

#include <QObject>
#include <QTimer>

#include <optional>

namespace sr::player {

/// Playback thread only; constructed elsewhere and moved there.
class PlayerWorker final : public QObject {
    Q_OBJECT
public:
    PlayerWorker(const MixControls& controls, AudioOutputFactory output);
    ~PlayerWorker() override;

    void load(quint64 generation, const std::string& uid, const AudioOpener& opener, bool thenPlay);
    void unload(quint64 generation);
    void play();
    void pause();
    void stop();
    void seek(std::uint64_t frame);
    void skip(milliseconds by);
    void probe();
    void shutDown(); ///< before the thread ends: the device dies on its own thread

signals:
    void snapshotTaken(quint64 generation, const sr::player::PlaySnapshot& snapshot);
    void loaded(quint64 generation);
    void failed(quint64 generation, const sr::Error& error);
    void finished(quint64 generation);
    void deviceChanged(bool available);

private:
    AudioOutput& output();
    std::uint64_t heardFrame();
    void silence();
    void setState(PlayState state);
    void tick();
    void publish(milliseconds passed);

    AudioOutputFactory m_makeOutput;
    std::unique_ptr<AudioOutput> m_output;
    Playback m_playback;
    QTimer m_timer;
    quint64 m_generation = 0;
    PlayState m_state = PlayState::Empty;
    std::uint64_t m_seekedTo = 0; ///< the heard position never lies before it
};

} // namespace sr::player
