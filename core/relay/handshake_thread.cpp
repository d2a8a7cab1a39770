// SPDX-License-Identifier: GPL-3.0-or-later
// Orders, packets, times, in this order, until there is nothing left to do.
#include "core/relay/handshake_thread.h"

#include <algorithm>

namespace sr::relay {
namespace {

constexpr auto kWithoutWay = milliseconds(500); // then a client tries, way or not; chosen
constexpr auto kNextAttempt = seconds(1);       // chosen

} // namespace

HandshakeThread::HandshakeThread(std::shared_ptr<const DtlsIdentity> identity,
                                 std::unique_ptr<SocketSet> waker, std::size_t loops, const Clock& clock)
    : m_identity(std::move(identity))
    , m_waker(std::move(waker))
    , m_clock(clock)
{
    for (std::size_t i = 0; i < loops; ++i)
        m_inlets.push_back(std::make_unique<HandshakeInlet>(kRingBytes, *m_waker));
}

Result<std::unique_ptr<HandshakeThread>> HandshakeThread::create(std::shared_ptr<const DtlsIdentity> identity,
                                                                 std::size_t loops, const Clock& clock)
{
    auto waker = SocketSet::create();
    if (!waker)
        return waker.error();
    return std::unique_ptr<HandshakeThread>(
        new HandshakeThread(std::move(identity), std::move(*waker), loops, clock));
}

void HandshakeThread::open(HandshakeTask&& task)
{
    if (!m_thread.joinable() && !m_stopped.load(std::memory_order_relaxed)) {
        try {
            m_thread = std::thread([this] { run(); });
        } catch (const std::system_error&) {
            return; // a system without threads: the side stays without media, calls go on
        }
    }
    auto order = std::make_unique<Order>();
    order->open = std::move(task);
    post(std::move(order));
}

void HandshakeThread::close(std::uint64_t association)
{
    auto order = std::make_unique<Order>();
    order->close = association;
    post(std::move(order));
}

void HandshakeThread::retire(RelayLoop& loop, Letter* letter)
{
    auto order = std::make_unique<Order>();
    order->loop = &loop;
    order->retire = letter;
    post(std::move(order));
}

void HandshakeThread::post(std::unique_ptr<Order> order)
{
    if (!m_thread.joinable())
        return obey(*order);
    if (m_orders.put(order.release()))
        m_waker->wake();
}

void HandshakeThread::stop()
{
    m_stopped.store(true, std::memory_order_relaxed);
    if (!m_thread.joinable())
        return;
    m_waker->wake();
    m_thread.join();
    obeyAll();
    m_sessions.clear();
}

void HandshakeThread::run()
{
    while (!m_stopped.load(std::memory_order_relaxed)) {
        (void)m_waker->wait(untilNext());
        obeyAll();
        for (const auto& inlet : m_inlets)
            inlet->ring().drain(
                [this](const TapRing::Label& label, ByteView datagram) { take(label.tag, datagram); });
        for (const std::uint64_t association : std::vector(m_waiting.begin(), m_waiting.end()))
            turn(m_sessions.at(association));
    }
}

void HandshakeThread::obeyAll()
{
    for (Order* order = m_orders.takeAll(); order != nullptr;) {
        const std::unique_ptr<Order> mine(order);
        order = mine->next;
        obey(*mine);
    }
}

void HandshakeThread::obey(const Order& order)
{
    if (order.open && !m_stopped.load(std::memory_order_relaxed)) {
        Session& session = m_sessions[order.open->association];
        session.task = *order.open;
        if (session.task.peer.role == DtlsRole::Client) {
            session.startAt = m_clock.steadyNow() + (session.task.hasWay ? milliseconds(0) : kWithoutWay);
            m_waiting.insert(session.task.association);
        }
    }
    const auto forget = [this](const auto& one) {
        m_waiting.erase(one.first);
        m_underWay -= one.second.handshake && !one.second.isKeyed ? 1U : 0U;
    };
    std::erase_if(m_sessions, [&](const auto& one) {
        const bool isOver = one.first == order.close ||
                            (order.retire != nullptr && one.second.task.wire == order.retire->wire);
        if (isOver)
            forget(one);
        return isOver;
    });
    if (order.retire != nullptr)
        order.loop->send(order.retire);
}

void HandshakeThread::take(std::uint64_t association, ByteView datagram)
{
    const auto found = m_sessions.find(association);
    if (found == m_sessions.end())
        return;
    Session& session = found->second;
    if (!session.handshake && !begin(session))
        return;
    after(session, session.handshake->take(datagram, sender(session)));
}

/// Its time may have come: to begin, to say something again, or to give up.
void HandshakeThread::turn(Session& session)
{
    const TimePoint now = m_clock.steadyNow();
    if (!session.handshake) {
        if (now < session.startAt || begin(session) || !m_waiting.contains(session.task.association))
            return;
        session.startAt = std::max(session.startAt, now + kNextAttempt); // others have to be through first
        return;
    }
    if (now >= session.deadline) {
        session.attempts = kMostAttempts;
        return failed(session);
    }
    after(session, session.handshake->turn(sender(session)));
}

/// False: not now, or not any more.
bool HandshakeThread::begin(Session& session)
{
    if (session.isKeyed || session.attempts >= kMostAttempts || m_underWay >= kMostUnderWay)
        return false;
    const TimePoint now = m_clock.steadyNow();
    if (session.attempts > 0 && now >= session.deadline) {
        session.attempts = kMostAttempts;
        giveUp(session);
        return false;
    }
    auto handshake = DtlsHandshake::open(m_identity, session.task.peer.role, session.task.peer.fingerprints);
    if (!handshake)
        return false;
    if (session.attempts++ == 0)
        session.deadline = now + kMostTime;
    session.handshake = std::move(*handshake);
    ++m_underWay;
    m_waiting.insert(session.task.association);
    after(session, session.handshake->start(sender(session)));
    return session.handshake != nullptr;
}

void HandshakeThread::after(Session& session, DtlsHandshake::State state)
{
    if (session.isKeyed)
        return;
    if (state == DtlsHandshake::State::Done)
        succeeded(session);
    else if (state == DtlsHandshake::State::Failed)
        failed(session);
}

void HandshakeThread::succeeded(Session& session)
{
    const auto keys = session.handshake->keys();
    if (!keys)
        return failed(session);
    auto receiver = rtp::SrtpReceiver::open(keys->theirs, rtp::SrtpReceiver::Joins::FromTheStart);
    auto sender = rtp::SrtpSender::open(keys->ours);
    if (!receiver || !sender)
        return failed(session);
    session.isKeyed = true;
    --m_underWay;
    m_waiting.erase(session.task.association);
    DtlsResult result;
    result.receiver = std::move(*receiver);
    result.sender = std::move(*sender);
    tell(session, std::move(result));
}

void HandshakeThread::failed(Session& session)
{
    session.handshake.reset();
    --m_underWay;
    if (session.attempts >= kMostAttempts)
        return giveUp(session);
    session.startAt = m_clock.steadyNow() + kNextAttempt;
    if (session.task.peer.role == DtlsRole::Server)
        m_waiting.erase(session.task.association); // until the device begins again
    tell(session, {});
}

void HandshakeThread::giveUp(Session& session)
{
    m_waiting.erase(session.task.association);
    DtlsResult result;
    result.isOver = true;
    tell(session, std::move(result));
}

void HandshakeThread::tell(const Session& session, DtlsResult&& result)
{
    const HandshakeTask& task = session.task;
    result.association = task.association;
    result.rtcp = task.rtcp;
    auto letter = std::make_unique<Letter>();
    letter->kind = Letter::Kind::Handshake;
    letter->wire = task.wire;
    letter->side = task.side;
    letter->dtls = std::move(result);
    task.loop->send(letter.release());
}

/// By letter, for sockets belong to the relay thread.
DtlsHandshake::Send HandshakeThread::sender(const Session& session)
{
    return [&session](ByteView datagram) {
        DtlsResult words;
        words.datagram.assign(datagram.begin(), datagram.end());
        tell(session, std::move(words));
    };
}

std::optional<milliseconds> HandshakeThread::untilNext() const
{
    std::optional<milliseconds> next;
    const TimePoint now = m_clock.steadyNow();
    for (const std::uint64_t association : m_waiting) {
        const Session& session = m_sessions.at(association);
        const TimePoint at = session.handshake ? session.deadline : session.startAt;
        auto left = std::chrono::ceil<milliseconds>(std::max(at - now, TimePoint::duration::zero()));
        if (session.handshake)
            if (const auto timeout = session.handshake->timeout())
                left = std::min(left, std::chrono::ceil<milliseconds>(*timeout));
        next = std::min(next.value_or(left), left);
    }
    return next;
}

} // namespace sr::relay
