// SPDX-License-Identifier: GPL-3.0-or-later
// The control thread's half of a port: checks, and orders to the beat.
#include "core/media/port.h"

#include "core/media/server_core.h"

#include <algorithm>

namespace sr::media {

/// A place in a conference.
struct Port::Membership {
    explicit Membership(std::shared_ptr<Conference::State> conference)
        : state(std::move(conference))
    {
        ++state->members;
    }
    ~Membership() { --state->members; }
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;
    std::shared_ptr<Conference::State> state;
};

Conference::Conference(std::size_t mostMembers)
    : m_state(std::make_shared<State>(State{std::min(mostMembers, kMost), 0, std::make_shared<Mix>()}))
{}

Port::Port(std::shared_ptr<ServerCore> server, std::shared_ptr<PortCore> core,
           std::shared_ptr<PortListener> listener, Executor executor, const Endpoint& local)
    : m_server(std::move(server))
    , m_core(std::move(core))
    , m_listener(std::move(listener))
    , m_executor(std::move(executor))
    , m_local(local)
{}

Port::~Port()
{
    m_server->remove(std::move(m_core), m_local);
}

Status Port::setPeer(const PortPeer& peer)
{
    if (m_peer && m_peer->payloadType == peer.payloadType && m_peer->format == peer.format) {
        m_peer = peer;
        m_server->order([core = m_core, peer] { core->setPeer(peer); });
        return {};
    }
    auto decoder = codec::PayloadDecoder::open(peer.format);
    if (!decoder)
        return decoder.error();
    auto encoder = codec::PayloadEncoder::open(peer.format);
    if (!encoder && encoder.error().code != codec::CodecErrc::Unsupported)
        return encoder.error();
    PortCore::Codec codec{peer, std::move(*decoder), encoder ? std::move(*encoder) : nullptr};
    m_encodes = codec.encoder != nullptr;
    m_peer = peer;
    m_server->order([core = m_core, codec = std::move(codec)]() mutable { core->setCodec(codec); });
    return {};
}

Status Port::play(PlayList list)
{
    if (list.sounds.size() > kMostSounds)
        return fail(MediaErrc::TooMany, std::to_string(list.sounds.size()) + " sounds");
    const bool sayable =
        m_encodes || std::ranges::all_of(list.sounds, [](const SoundPtr& one) {
            return one == nullptr || one->kept() == Sound::Kept::G729; // the only codec that is not encoded
        });
    if (!sayable)
        return fail(MediaErrc::NotEncodable, m_peer->format.encoding);
    const std::uint64_t id = ++m_listener->play;
    m_server->order([core = m_core, list = std::move(list), id]() mutable { core->play(list, id); });
    return {};
}

void Port::stop()
{
    ++m_listener->play;
    m_server->order([core = m_core] { core->stop(); });
}

Status Port::press(char symbol, std::chrono::milliseconds length)
{
    if (m_peer && !m_peer->eventType)
        return fail(MediaErrc::NotEncodable, "telephone-event");
    m_server->order([core = m_core, symbol, length] { core->press(symbol, length); });
    return {};
}

void Port::record(RecordPlan plan)
{
    auto recording = std::make_shared<Recording>();
    plan.rate = plan.rate <= kNarrowband || plan.form == RecordPlan::Form::ALaw ? kNarrowband : kWideband;
    plan.limit = std::max(plan.limit, std::chrono::milliseconds(0));
    recording->plan = std::move(plan);
    recording->ended = [executor = m_executor, weak = std::weak_ptr(m_listener)](Recorded recorded) {
        executor([weak, recorded = std::move(recorded)] {
            const auto listener = weak.lock();
            if (listener && listener->events.recorded)
                listener->events.recorded(recorded);
        });
    };
    m_server->order([core = m_core, recording = std::move(recording)] { core->record(recording); });
}

void Port::stopRecording()
{
    m_server->order([core = m_core] { core->stopRecording(); });
}

Status Port::join(Conference& conference)
{
    const auto& state = conference.m_state;
    if (m_membership && m_membership->state == state)
        return {};
    if (!m_encodes)
        return fail(MediaErrc::NotEncodable, m_peer->format.encoding);
    if (state->members >= state->most)
        return fail(MediaErrc::TooMany, "conference of " + std::to_string(state->most));
    m_membership = std::make_unique<Membership>(state);
    m_server->order([core = m_core, mix = state->mix]() mutable { core->join(mix); });
    return {};
}

void Port::leave()
{
    m_membership.reset();
    m_server->order([core = m_core, mix = std::shared_ptr<Mix>()]() mutable { core->join(mix); });
}

void Port::setEcho(bool echo)
{
    m_server->order([core = m_core, echo] { core->setEcho(echo); });
}

} // namespace sr::media
