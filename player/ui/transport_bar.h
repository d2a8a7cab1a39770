// SPDX-License-Identifier: GPL-3.0-or-later
// The deck's buttons, their keys and tooltips.
#pragma once

#include "player/engine/player.h"

#include <QWidget>

#include <array>

class QShortcut;
class QToolButton;

namespace sr::widgets {
class Theme;
}

namespace sr::player {

class TransportBar final : public QWidget {
    Q_OBJECT
public:
    explicit TransportBar(const widgets::Theme& theme, QWidget* parent = nullptr);
    void setState(PlayState state, bool hasDevice);
    void setNeighbours(bool previous, bool next);

signals:
    void playToggled();
    void stopped();
    void skipped(int ms);
    void previousRequested();
    void nextRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    enum Button { Previous, Back, Play, Forward, Next, Stop, ButtonCount };
    void retranslate();
    void paintIcons();
    void addKey(Button button, const QKeySequence& key);

    const widgets::Theme& m_theme;
    std::array<QToolButton*, ButtonCount> m_buttons{};
    std::array<QShortcut*, ButtonCount> m_keys{};
    PlayState m_state = PlayState::Empty;
};

} // namespace sr::player
