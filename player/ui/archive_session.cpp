// SPDX-License-Identifier: GPL-3.0-or-later
// The engine is made on a worker, because catching up with a large archive takes its time.
#include "player/ui/archive_session.h"

namespace sr::player {

ArchiveSession::ArchiveSession(engine::EngineOptions options, QObject* parent)
    : QObject(parent)
    , m_options(std::move(options))
    , m_worker(QStringLiteral("open"))
{}

ArchiveSession::~ArchiveSession() = default;

QString ArchiveSession::name() const
{
    const Path root = m_options.archiveRoot.lexically_normal();
    return QString::fromStdString(
        utf8Of(root.has_filename() ? root.filename() : root.parent_path().filename()));
}

void ArchiveSession::open()
{
    m_worker.run(
        this,
        [options = m_options, &clock = m_clock]() -> Result<std::unique_ptr<engine::Engine>> {
            if (const auto seen = listDir(options.archiveRoot);
                !seen && seen.error().code == BaseErrc::NotFound)
                return seen.error(); // no drive, rather than no archive
            return engine::Engine::open(options, clock);
        },
        [this](Result<std::unique_ptr<engine::Engine>> result) {
            if (!result) {
                emit failed(result.error());
                return;
            }
            m_engine = std::move(result).value();
            emit opened(&m_engine->archive());
        });
}

} // namespace sr::player
