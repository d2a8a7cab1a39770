// SPDX-License-Identifier: GPL-3.0-or-later
// Loading the deck, its waveform and the check of its integrity together.
#include "player/ui/play_controller.h"

#include "player/ui/fault_text.h"

namespace sr::player {

PlayController::PlayController(Player& player, RecordingListModel& list, Inspector& inspector,
                               QObject* parent)
    : QObject(parent)
    , m_player(player)
    , m_list(list)
    , m_inspector(inspector)
{
    connect(&m_waveform, &WaveformLoader::peaksChanged, this, &PlayController::peaksChanged);
    connect(&inspector, &Inspector::integrityKnown, this,
            [this](const std::string& uid, archive::Integrity integrity) {
                if (m_row && m_row->uid == uid)
                    emit integrityChanged(integrity);
            });
    connect(&player, &Player::failed, this, [this](const Error& error) {
        if (m_row && tellsOfChange(error))
            m_inspector.tellIntegrity(m_row->uid, archive::Integrity::Manipulated);
    });
    connect(&list, &RecordingListModel::aboutToReread, this, [this] {
        if (m_row)
            m_list.addLandmark(*m_row);
    });
    connect(&list, &QAbstractItemModel::modelReset, this, &PlayController::follow);
    connect(&list, &QAbstractItemModel::rowsInserted, this, &PlayController::follow);
    connect(&list, &RecordingListModel::pageLoaded, this, [this](int first, int last) {
        if (m_awaitedRow >= first && m_awaitedRow <= last) {
            const int awaited = m_awaitedRow;
            m_awaitedRow = -1;
            step(awaited - m_listRow);
        } else if (m_listRow < 0) {
            follow();
        }
    });
}

void PlayController::setArchive(archive::Archive* archive)
{
    unload();
    m_archive = archive;
}

void PlayController::load(const archive::RecordingRow& row, bool thenPlay)
{
    if (!m_archive)
        return;
    m_row = row;
    m_awaitedRow = -1;
    m_list.setLoaded(row.uid);
    emit rowChanged();
    const AudioOpener opener = [archive = m_archive](const std::string& uid) {
        return openRecordingAudio(*archive, uid);
    };
    m_player.load(row.uid, opener, thenPlay);
    m_waveform.load(row.uid, opener);
    if (const auto known = m_list.integrityOf(row.uid))
        emit integrityChanged(*known); // checked anew all the same
    m_inspector.checkIntegrity(row.uid, CheckFor::Loaded);
    follow();
}

void PlayController::unload()
{
    m_row.reset();
    m_list.setLoaded({});
    m_listRow = m_awaitedRow = -1;
    m_player.unload();
    m_waveform.clear();
    emit rowChanged();
    emit neighboursChanged();
}

void PlayController::follow()
{
    m_listRow = m_row ? m_list.rowOf(m_row->uid) : -1;
    emit neighboursChanged();
}

bool PlayController::hasPrevious() const
{
    return m_listRow > 0;
}

bool PlayController::hasNext() const
{
    return m_listRow >= 0 && m_listRow + 1 < m_list.rowCount();
}

void PlayController::step(int by)
{
    const int target = m_listRow + by;
    if (m_listRow < 0 || target < 0 || target >= m_list.rowCount())
        return;
    const archive::RecordingRow* row = m_list.rowAt(target);
    if (!row) {
        m_awaitedRow = target;
        m_list.want(target);
        return;
    }
    const bool playing = m_player.snapshot().state == PlayState::Playing;
    load(archive::RecordingRow(*row), playing);
    emit stepped(target);
}

} // namespace sr::player
