// SPDX-License-Identifier: GPL-3.0-or-later
// The loop of a relay thread. No lock, no allocation, no log from run() down.
#include "core/relay/relay_loop.h"

namespace sr::relay {

RelayLoop::RelayLoop(std::unique_ptr<SocketSet> sockets, std::size_t tapBytes, HandshakeInlet& handshakes)
    : m_sockets(std::move(sockets))
    , m_tap(tapBytes)
    , m_handshakes(handshakes)
    , m_buffer(std::make_unique<std::byte[]>(kDatagramBytes))
{}

Result<std::unique_ptr<RelayLoop>> RelayLoop::start(std::size_t tapBytes, HandshakeInlet& handshakes)
{
    auto sockets = SocketSet::create();
    if (!sockets)
        return sockets.error();
    std::unique_ptr<RelayLoop> loop(new RelayLoop(std::move(*sockets), tapBytes, handshakes));
    try {
        loop->m_thread = std::thread([raw = loop.get()] { raw->run(); });
    } catch (const std::system_error& error) {
        return fail(RelayErrc::Socket, std::string("relay thread (") + error.what() + ")");
    }
    return loop;
}

void RelayLoop::stop()
{
    if (!m_thread.joinable())
        return;
    m_stopped.store(true, std::memory_order_relaxed);
    m_sockets->wake();
    m_thread.join();
    openLetters();
    answerClosed();
}

/// Who finds that it was woken already has put his letter there before it looks.
void RelayLoop::send(Letter* letter, Urgency urgency) noexcept
{
    if (!m_thread.joinable()) {
        m_returned.put(letter);
        return;
    }
    (void)m_letters.put(letter);
    if (urgency == Urgency::Now)
        wake();
}

void RelayLoop::wake() noexcept
{
    if (!m_woken.exchange(true, std::memory_order_acq_rel))
        m_sockets->wake();
}

void RelayLoop::hurry() noexcept
{
    if (m_letters.hasAny())
        wake();
}

void RelayLoop::run() noexcept
{
    while (!m_stopped.load(std::memory_order_relaxed)) {
        for (void* const what : m_sockets->wait())
            drain(*static_cast<Inlet*>(what));
        (void)m_woken.exchange(false, std::memory_order_acq_rel);
        openLetters();
        answerClosed();
    }
}

void RelayLoop::drain(Inlet& inlet) noexcept
{
    using namespace std::chrono;
    const auto utc = time_point_cast<microseconds>(system_clock::now()).time_since_epoch().count();
    const Desk desk{m_tap, m_handshakes, steady_clock::now(), utc};
    SocketAddress from;
    for (int i = 0; i < kMostInTurn; ++i) {
        const auto size = inlet.socket.receive({m_buffer.get(), kDatagramBytes}, from);
        if (size < 0)
            return;
        if (m_letters.hasAny())
            openLetters();
        if (Wire* const wire = inlet.ports->wire)
            wire->take(inlet, ByteView(m_buffer.get(), static_cast<std::size_t>(size)), from, desk);
        else
            inlet.ports->strays.add(1);
    }
}

/// Closed ports wait: the batch under way may still name their sockets.
void RelayLoop::openLetters() noexcept
{
    for (Letter* letter = m_letters.takeAll(); letter != nullptr;) {
        Letter* const next = letter->next;
        if (letter->kind == Letter::Kind::Close) {
            letter->next = m_closed;
            m_closed = letter;
        } else {
            open(*letter);
            m_returned.put(letter);
        }
        letter = next;
    }
}

void RelayLoop::open(Letter& letter) noexcept
{
    switch (letter.kind) {
    case Letter::Kind::Plan:
        letter.wire->attach(); // the first one; further ones find it so
        letter.wire->exchangePlan(letter.side, letter.plan);
        break;
    case Letter::Kind::Handshake:
        letter.wire->takeResult(letter.side, letter.dtls);
        break;
    case Letter::Kind::Substitute:
        letter.wire->setSubstitute(letter.side, letter.substitute);
        break;
    case Letter::Kind::Key:
        letter.wire->press(letter.side, letter.key);
        break;
    case Letter::Kind::Retire:
        letter.wire->detach();
        break;
    case Letter::Kind::Close:
        break;
    }
}

void RelayLoop::answerClosed() noexcept
{
    while (m_closed != nullptr) {
        Letter* const letter = m_closed;
        m_closed = letter->next;
        m_returned.put(letter);
    }
}

} // namespace sr::relay
