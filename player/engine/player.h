// SPDX-License-Identifier: GPL-3.0-or-later
// The tape deck: loads a recording, plays, seeks, and tells where it is about 30 times a second.
#pragma once

#include "player/engine/audio_output.h"
#include "player/engine/meter.h"
#include "player/engine/mixer.h"
#include "player/engine/recording_audio.h"

#include <QObject>
#include <QThread>

#include <functional>
#include <memory>
#include <string>

namespace sr::player {

enum class PlayState : std::uint8_t { Empty, Loading, Stopped, Playing, Paused };

/// Everything a deck shows of the moment.
struct PlaySnapshot {
    PlayState state = PlayState::Empty;
    std::uint64_t frame = 0; ///< being heard now
    std::uint64_t frames = 0;
    std::uint32_t sampleRate = 0; ///< [Hz]
    archive::ChannelLayout layout = archive::ChannelLayout::Stereo;
    Levels levels;
};

/// Opens a recording on the playback thread.
using AudioOpener = std::function<Result<RecordingAudio>(const std::string& uid)>;

class PlayerWorker;

/// Main thread. Commands return at once; what came of them arrives as signals. A command to a player without
/// a recording does nothing.
class Player final : public QObject {
    Q_OBJECT
public:
    explicit Player(AudioOutputFactory output, QObject* parent = nullptr);
    ~Player() override;
    Q_DISABLE_COPY_MOVE(Player)

    MixControls& controls() { return m_controls; }
    const PlaySnapshot& snapshot() const { return m_snapshot; }
    const std::string& uid() const { return m_uid; }
    bool hasDevice() const { return m_hasDevice; }

    void load(const std::string& uid, AudioOpener opener, bool thenPlay);
    void unload();
    void play();
    void pause();
    void togglePlay();
    void stop(); ///< back to the beginning
    void seek(std::uint64_t frame);
    void skip(milliseconds by); ///< negative: back
    void probeDevice();         ///< answers with deviceChanged()

signals:
    void snapshotChanged(const sr::player::PlaySnapshot& snapshot);
    void loaded(const std::string& uid);
    void failed(const sr::Error& error); ///< of the recording or the device
    void finished();                     ///< heard to the end
    void deviceChanged(bool available);

private:
    void take(quint64 generation, const PlaySnapshot& snapshot);

    MixControls m_controls;
    PlaySnapshot m_snapshot;
    std::string m_uid;
    quint64 m_generation = 0; ///< of the loaded recording: answers about an older one are dropped
    bool m_hasDevice = true;
    QThread m_thread;
    std::unique_ptr<PlayerWorker> m_worker; ///< lives on m_thread
};

} // namespace sr::player

Q_DECLARE_METATYPE(sr::player::PlaySnapshot)
