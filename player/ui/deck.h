// SPDX-License-Identifier: GPL-3.0-or-later
// Counters, waveform and transport of the loaded recording; its faults are said here.
#pragma once

#include "core/archive/archive.h"
#include "player/engine/peaks.h"
#include "player/engine/player.h"
#include "player/ui/fault_text.h"

#include <QWidget>

#include <optional>

class QLabel;

namespace sr::widgets {
class CounterLabel;
class Notice;
class Theme;
} // namespace sr::widgets

namespace sr::player {

class TransportBar;
class WaveformView;

class Deck final : public QWidget {
    Q_OBJECT
public:
    Deck(Player& player, const widgets::Theme& theme, QWidget* parent = nullptr);

    void setRecording(const std::optional<archive::RecordingRow>& row); ///< what the counters speak of
    void setPeaks(const PeaksPtr& peaks);
    void setFault(const std::optional<Error>& error); ///< of loading or playing it
    void setIntegrity(std::optional<archive::Integrity> integrity);
    TransportBar& transport() { return *m_transport; }
    bool waveformComplete() const { return m_complete; }
    bool hasFault() const { return m_fault.has_value(); }

protected:
    void changeEvent(QEvent* event) override;

private:
    void take(const PlaySnapshot& snapshot);
    void showCounters();
    void showNotice();
    void retranslate();

    Player& m_player;
    std::optional<archive::RecordingRow> m_row;
    std::optional<Error> m_fault;
    FaultMoment m_faultMoment = FaultMoment::Opening;
    PlayState m_shown = PlayState::Empty;
    std::optional<archive::Integrity> m_integrity;
    bool m_complete = false;
    widgets::CounterLabel* m_clock;
    widgets::CounterLabel* m_elapsed;
    widgets::CounterLabel* m_left;
    QLabel* m_clockName;
    QLabel* m_elapsedName;
    QLabel* m_leftName;
    QLabel* m_span;
    WaveformView* m_waveform;
    TransportBar* m_transport;
    widgets::Notice* m_notice;
};

} // namespace sr::player
