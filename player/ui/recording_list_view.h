// SPDX-License-Identifier: GPL-3.0-or-later
// The table of recordings: asks for the pages on view, keeps the selection on its recording.
#pragma once

#include <QTableView>

#include <optional>
#include <string>

namespace sr::widgets {
class Theme;
}

namespace sr::player {

class RecordingListModel;

class RecordingListView final : public QTableView {
    Q_OBJECT
public:
    RecordingListView(RecordingListModel& model, const widgets::Theme& theme, QWidget* parent = nullptr);
    std::string currentUid() const; ///< empty if nothing or a placeholder is current
    void selectRow(int row);        ///< makes it current and visible

signals:
    void currentRecordingChanged(const std::string& uid); ///< empty: none
    void playRequested(const std::string& uid);           ///< double click or Enter
    void orderToggled();                                  ///< click on the head of the time

protected:
    void scrollContentsBy(int dx, int dy) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void fitColumns();
    void wantVisible();
    void announceCurrent();
    void restoreCurrent();
    void nameLandmarks();
    void keepPlace();

    RecordingListModel& m_model;
    std::string m_keptUid; ///< the recording the person chose, through resets
    bool m_restoring = false;
    /// What was on view when a reset began that is not the person's doing.
    struct Place {
        std::string topUid;
        int above = 0; ///< how much of the top row has scrolled out [px]
        int currentRow = 0;
    };
    std::optional<Place> m_place;
};

} // namespace sr::player
