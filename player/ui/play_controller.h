// SPDX-License-Identifier: GPL-3.0-or-later
// Which recording is in the deck, and the way to the ones before and after it in the list.
#pragma once

#include "player/engine/player.h"
#include "player/engine/waveform_loader.h"
#include "player/model/inspector.h"
#include "player/model/recording_list_model.h"

#include <QObject>

#include <optional>
#include <string>

namespace sr::player {

class PlayController final : public QObject {
    Q_OBJECT
public:
    PlayController(Player& player, RecordingListModel& list, Inspector& inspector, QObject* parent = nullptr);

    void setArchive(archive::Archive* archive); ///< nullptr: the deck is emptied first
    void load(const archive::RecordingRow& row, bool thenPlay);
    void unload();
    const std::optional<archive::RecordingRow>& row() const { return m_row; }
    bool hasPrevious() const;
    bool hasNext() const;
    void previous() { step(-1); }
    void next() { step(1); }

signals:
    void rowChanged(); ///< another recording, or none
    void neighboursChanged();
    void integrityChanged(sr::archive::Integrity integrity); ///< of the loaded recording
    void peaksChanged(const sr::player::PeaksPtr& peaks);
    void stepped(int row); ///< the list should show this row

private:
    void step(int by);
    void follow();

    Player& m_player;
    RecordingListModel& m_list;
    Inspector& m_inspector;
    archive::Archive* m_archive = nullptr;
    std::optional<archive::RecordingRow> m_row;
    int m_listRow = -1;    ///< of the deck's recording; -1: not in this list
    int m_awaitedRow = -1; ///< neighbour whose page is on its way
    WaveformLoader m_waveform;
};

} // namespace sr::player
