// SPDX-License-Identifier: GPL-3.0-or-later
// The main thread's half: commands out, snapshots in.
#include "player/engine/player.h"

#include "player/engine/player_worker.h"

namespace sr::player {

Player::Player(AudioOutputFactory output, QObject* parent)
    : QObject(parent)
    , m_worker(std::make_unique<PlayerWorker>(m_controls, std::move(output)))
{
    qRegisterMetaType<PlaySnapshot>();
    qRegisterMetaType<Error>();
    connect(m_worker.get(), &PlayerWorker::snapshotTaken, this, &Player::take);
    connect(m_worker.get(), &PlayerWorker::loaded, this, [this](quint64 generation) {
        if (generation == m_generation)
            emit loaded(m_uid);
    });
    connect(m_worker.get(), &PlayerWorker::failed, this, [this](quint64 generation, const Error& error) {
        if (generation == m_generation)
            emit failed(error);
    });
    connect(m_worker.get(), &PlayerWorker::finished, this, [this](quint64 generation) {
        if (generation == m_generation)
            emit finished();
    });
    connect(m_worker.get(), &PlayerWorker::deviceChanged, this, [this](bool available) {
        m_hasDevice = available;
        emit deviceChanged(available);
    });
    m_thread.setObjectName(QStringLiteral("playback"));
    m_worker->moveToThread(&m_thread);
    m_thread.start(QThread::HighPriority);
}

Player::~Player()
{
    QMetaObject::invokeMethod(
        m_worker.get(), [worker = m_worker.get()] { worker->shutDown(); }, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

void Player::take(quint64 generation, const PlaySnapshot& snapshot)
{
    if (generation != m_generation)
        return;
    m_snapshot = snapshot;
    emit snapshotChanged(m_snapshot);
}

void Player::load(const std::string& uid, AudioOpener opener, bool thenPlay)
{
    m_uid = uid;
    const quint64 generation = ++m_generation;
    QMetaObject::invokeMethod(m_worker.get(),
                              [worker = m_worker.get(), generation, uid, opener = std::move(opener),
                               thenPlay] { worker->load(generation, uid, opener, thenPlay); });
}

void Player::unload()
{
    m_uid.clear();
    const quint64 generation = ++m_generation;
    QMetaObject::invokeMethod(m_worker.get(),
                              [worker = m_worker.get(), generation] { worker->unload(generation); });
}

void Player::play()
{
    QMetaObject::invokeMethod(m_worker.get(), [worker = m_worker.get()] { worker->play(); });
}

void Player::pause()
{
    QMetaObject::invokeMethod(m_worker.get(), [worker = m_worker.get()] { worker->pause(); });
}

void Player::togglePlay()
{
    if (m_snapshot.state == PlayState::Playing)
        pause();
    else
        play();
}

void Player::stop()
{
    QMetaObject::invokeMethod(m_worker.get(), [worker = m_worker.get()] { worker->stop(); });
}

void Player::seek(std::uint64_t frame)
{
    QMetaObject::invokeMethod(m_worker.get(), [worker = m_worker.get(), frame] { worker->seek(frame); });
}

void Player::skip(milliseconds by)
{
    QMetaObject::invokeMethod(m_worker.get(), [worker = m_worker.get(), by] { worker->skip(by); });
}

void Player::probeDevice()
{
    QMetaObject::invokeMethod(m_worker.get(), [worker = m_worker.get()] { worker->probe(); });
}

} // namespace sr::player
