// SPDX-License-Identifier: GPL-3.0-or-later
// Computes the waveform of one recording at a time in the background.
#pragma once

#include "player/engine/peaks.h"
#include "player/engine/player.h"
#include "player/engine/worker.h"

#include <QObject>

namespace sr::player {

/// Main thread. A new load() abandons the former one.
class WaveformLoader final : public QObject {
    Q_OBJECT
public:
    explicit WaveformLoader(QObject* parent = nullptr);
    ~WaveformLoader() override;

    void load(const std::string& uid, AudioOpener opener);
    void clear(); ///< no recording; publishes an empty waveform

signals:
    void peaksChanged(sr::player::PeaksPtr peaks);

private:
    void abandon();

    std::shared_ptr<std::atomic<bool>> m_cancelled;
    Worker m_worker; ///< last: its thread ends before the rest goes
};

} // namespace sr::player

Q_DECLARE_METATYPE(sr::player::PeaksPtr)
