// SPDX-License-Identifier: GPL-3.0-or-later
// Start and orderly end of a worker thread.
#include "player/engine/worker.h"

namespace sr::player {

Worker::Worker(const QString& name)
    : m_there(std::make_unique<QObject>())
{
    m_thread.setObjectName(name);
    m_there->moveToThread(&m_thread);
    m_thread.start();
}

Worker::~Worker()
{
    m_thread.quit();
    m_thread.wait();
}

} // namespace sr::player
