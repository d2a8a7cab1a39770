// SPDX-License-Identifier: GPL-3.0-or-later
// Volumes, mutes and meters of both parties and the sum.
#pragma once

#include "core/archive/recording.h"
#include "player/engine/player.h"

#include <QWidget>

#include <array>
#include <optional>

class QLabel;
class QPushButton;
class QSlider;
class QToolButton;

namespace sr::widgets {
class LevelMeter;
class SectionHead;
class Theme;
} // namespace sr::widgets

namespace sr::player {

class SoundPanel final : public QWidget {
    Q_OBJECT
public:
    SoundPanel(Player& player, const widgets::Theme& theme, QWidget* parent = nullptr);
    void setRecording(const std::optional<archive::RecordingRow>& row);
    std::array<int, 3> volumes() const; ///< [internal, external, overall] in percent
    void setVolumes(const std::array<int, 3>& percent);

protected:
    void changeEvent(QEvent* event) override;

private:
    static constexpr std::size_t kOverall = 2;
    struct Strip {
        QToolButton* mute = nullptr;
        QLabel* name = nullptr;
        QSlider* volume = nullptr;
        QLabel* value = nullptr;
        widgets::LevelMeter* meter = nullptr;
    };
    void buildStrip(std::size_t index);
    void applyStrip(std::size_t index);
    bool isThere(std::size_t index) const; ///< in the loaded recording
    void paintIcons();
    void retranslate();

    Player& m_player;
    const widgets::Theme& m_theme;
    std::optional<archive::RecordingRow> m_row;
    archive::ChannelLayout m_layout = archive::ChannelLayout::Stereo;
    widgets::SectionHead* m_head;
    std::array<Strip, 3> m_strips;
    QPushButton* m_full;
};

} // namespace sr::player
