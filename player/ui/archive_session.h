// SPDX-License-Identifier: GPL-3.0-or-later
// Opens the engine with its archive off the main thread and keeps it.
#pragma once

#include "core/base/clock.h"
#include "core/engine/engine.h"
#include "player/engine/worker.h"

#include <QObject>

#include <memory>

namespace sr::player {

/// Main thread. Signals once per open().
class ArchiveSession final : public QObject {
    Q_OBJECT
public:
    ArchiveSession(engine::EngineOptions options, QObject* parent = nullptr);
    ~ArchiveSession() override;
    void open();
    QString name() const; ///< of the archive's folder

signals:
    void opened(sr::archive::Archive* archive); ///< lives as long as the session
    void failed(const sr::Error& error);

private:
    engine::EngineOptions m_options;
    SystemClock m_clock;
    std::unique_ptr<engine::Engine> m_engine;
    Worker m_worker;
};

} // namespace sr::player
