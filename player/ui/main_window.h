// SPDX-License-Identifier: GPL-3.0-or-later
// The player's window: places its parts and connects them.
#pragma once

#include "core/archive/archive.h"
#include "player/engine/player.h"
#include "player/model/filter_state.h"
#include "player/model/inspector.h"
#include "player/model/recording_list_model.h"

#include <QMainWindow>
#include <QTimer>

#include <optional>

class QStackedWidget;

namespace sr::widgets {
class EmptyState;
class Theme;
} // namespace sr::widgets

namespace sr::player {

class Deck;
class DetailsPanel;
class FilterPanel;
class PlayController;
class RecordingListView;
class SoundPanel;
class StatusLine;
class TopBar;

/// Main thread. Shows that no archive is open until setArchive().
class MainWindow final : public QMainWindow {
    Q_OBJECT
public:
    MainWindow(widgets::Theme& theme, AudioOutputFactory output, QWidget* parent = nullptr);
    ~MainWindow() override;

    void showOpening(const QString& name);
    void showOpenFault(const Error& error);
    /// The archive outlives the window or the next setArchive(); nullptr detaches.
    void setArchive(archive::Archive* archive, const QString& name);
    void setLanguage(const QString& code); ///< already installed; marks the menu
    /// Loads this recording into the deck as soon as the archive is attached.
    void playAtStart(const std::string& uid) { m_startUid = uid; }
    void probeSound() { m_player.probeDevice(); }

    /// List, details and (if anything was to be played) deck and waveform are complete.
    bool settled() const;
    Player& player() { return m_player; }
    RecordingListModel& list() { return m_list; }
    FilterState& filter() { return m_filter; }
    std::array<int, 3> volumes() const;
    void setVolumes(const std::array<int, 3>& percent);

signals:
    void languageChosen(const QString& code);
    void retryRequested(); ///< open the archive again
    void playable();       ///< a recording was loaded into the deck

protected:
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void build();
    void wireList();
    void wireDeck();
    void applyFilter();
    void showListState();
    void showStatus();
    void showSelected(const std::string& uid);
    void playFromOutside(const std::string& uid);
    void retranslate();

    widgets::Theme& m_theme;
    archive::Archive* m_archive = nullptr;
    QString m_archiveName;
    std::optional<quint64> m_freeBytes;
    std::optional<Error> m_openFault;
    bool m_opening = false;
    bool m_detailsPending = false;
    std::string m_startUid;
    std::string m_selectedUid;
    QTimer m_refresh;

    FilterState m_filter;
    RecordingListModel m_list;
    Inspector m_inspector;
    Player m_player;
    PlayController* m_controller;
    TopBar* m_top;
    FilterPanel* m_filters;
    QStackedWidget* m_stack;
    RecordingListView* m_view;
    widgets::EmptyState* m_empty;
    DetailsPanel* m_details;
    Deck* m_deck;
    SoundPanel* m_sound;
    StatusLine* m_status;
};

} // namespace sr::player
