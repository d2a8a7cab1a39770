// SPDX-License-Identifier: GPL-3.0-or-later
// Looks closer at one recording in the background: its sidecar for the details, its bytes for the integrity.
#pragma once

#include "core/archive/archive.h"
#include "player/engine/worker.h"

#include <QObject>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sr::player {

/// Whose state the person waits for; a newer wish of the same kind replaces a waiting one, never of another.
enum class CheckFor : std::uint8_t { Selected, Loaded };

/// Main thread. Only the latest wish of each kind is answered. Two threads: reading a sidecar does not wait
/// for the check of a long recording.
class Inspector final : public QObject {
    Q_OBJECT
public:
    explicit Inspector(QObject* parent = nullptr);
    ~Inspector() override;

    void setArchive(archive::Archive* archive); ///< nullptr detaches and waits
    void showDetails(const std::string& uid);
    void checkIntegrity(const std::string& uid, CheckFor wish);
    void tellIntegrity(const std::string& uid, archive::Integrity integrity); ///< playing it has shown it
    void countFormats(int year, int month); ///< which formats occur there (0 = all)
    void measureSpace();                    ///< free on the archive's disk
    /// A recording by uid or former name, wherever it stands in the list.
    void findRow(const std::string& uid, std::function<void(const Result<archive::RecordingRow>&)> found);

signals:
    void detailsReady(const sr::archive::Recording& recording);
    void detailsFailed(const std::string& uid, const sr::Error& error);
    void integrityKnown(const std::string& uid, sr::archive::Integrity integrity);
    void spaceKnown(quint64 freeBytes);
    void formatsKnown(const std::vector<sr::archive::MediaFormat>& formats);

private:
    archive::Archive* m_archive = nullptr;
    std::string m_details; ///< wanted last
    using Number = std::atomic<quint64>;
    /// The newest check of each kind; queued older ones step aside.
    std::array<std::shared_ptr<Number>, 2> m_checkNumbers;
    quint64 m_formatsNumber = 0;
    std::unique_ptr<Worker> m_reader;
    std::unique_ptr<Worker> m_checker;
};

} // namespace sr::player
