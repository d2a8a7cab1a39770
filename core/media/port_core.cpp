// SPDX-License-Identifier: GPL-3.0-or-later
// A beat of a port: what came in, what goes out.
#include "core/media/port_core.h"

namespace sr::media {
namespace {

constexpr int kMostDatagrams = 64;    // of one beat; a far side sends one or two
constexpr unsigned kMostWaiting = 60; // blocks of half a second that a slow disk may owe
constexpr unsigned kBlocksPerSecond = 2;
constexpr int kQuiet = 128; // mean of the amplitudes of 20 ms: -48 dB below full scale, where lines hum
constexpr auto kFadeAway = std::chrono::milliseconds(300); // behind the last word, which is often soft

Sound::Kept keptOf(const rtp::PayloadFormat& format)
{
    return format.encoding == "PCMA"   ? Sound::Kept::ALaw
           : format.encoding == "PCMU" ? Sound::Kept::ULaw
           : format.encoding == "G729" ? Sound::Kept::G729
                                       : Sound::Kept::Nothing;
}

bool isQuiet(std::span<const std::int16_t> samples)
{
    std::int64_t sum = 0;
    for (const std::int16_t sample : samples)
        sum += std::abs(static_cast<int>(sample));
    return sum < kQuiet * static_cast<std::int64_t>(samples.size());
}

std::uint64_t samplesOf(std::chrono::milliseconds length, std::uint32_t rate)
{
    return static_cast<std::uint64_t>(length.count()) * rate / 1000;
}

/// From one rate of telephony to the other, or none.
void convert(std::span<const std::int16_t> in, std::span<std::int16_t> out, RateDoubler& doubler,
             RateHalver& halver)
{
    if (in.size() == out.size())
        std::ranges::copy(in, out.begin());
    else if (in.size() < out.size())
        doubler.process(in, out);
    else
        halver.process(in, out);
}

} // namespace

PortCore::PortCore(relay::UdpSocket socket, RecordingWriter& writer, Executor executor,
                   std::weak_ptr<PortListener> listener)
    : m_socket(std::move(socket))
    , m_writer(writer)
    , m_executor(std::move(executor))
    , m_listener(std::move(listener))
{}

template <typename Tell>
void PortCore::tell(Tell what)
{
    m_executor([weak = m_listener, what = std::move(what)] {
        if (const auto listener = weak.lock())
            what(listener->events, listener->play);
    });
}

void PortCore::setPeer(const PortPeer& peer)
{
    const bool nowhere = peer.rtp.port == 0 || peer.rtp.address.isUnspecified();
    m_address = nowhere || !peer.sends ? relay::SocketAddress{} : relay::SocketAddress::of(peer.rtp);
    m_peer = peer;
}

void PortCore::setCodec(Codec& codec)
{
    setPeer(codec.peer);
    m_far.setDecoder(codec.decoder);
    m_encoder.swap(codec.encoder);
    m_voice = {m_far.rate(), keptOf(codec.peer.format)};
    m_rtp.setFormat(codec.peer.payloadType, codec.peer.format.clockRate);
    m_doubler = {};
    m_halver = {};
    m_recordDoubler = {};
    m_recordHalver = {};
}

void PortCore::play(PlayList& list, std::uint64_t id)
{
    m_player.start(list);
    m_playing = id;
    if (!m_player.plays())
        tellPlayed(PlayEnd::Done);
}

void PortCore::tellPlayed(PlayEnd end)
{
    tell([end, id = m_playing](const PortEvents& events, std::uint64_t current) {
        if (events.played && id == current)
            events.played(end);
    });
}

void PortCore::tellDigits()
{
    m_digits.beat();
    for (const PressedKey& key : m_digits.take()) {
        tell([key](const PortEvents& events, std::uint64_t) {
            if (events.digit)
                events.digit(key.symbol, key.length);
        });
    }
}

void PortCore::receive()
{
    std::array<std::byte, 2048> datagram; // filled before it is read
    relay::SocketAddress from;
    const bool listens = m_mix || m_echoes || m_recording;
    if (!listens)
        m_far.forget();
    for (int i = 0; i < kMostDatagrams; ++i) {
        const std::ptrdiff_t count = m_socket.receive(datagram, from);
        if (count < 0)
            return;
        const auto packet = rtp::parsePacket(ByteView(datagram).first(static_cast<std::size_t>(count)));
        if (!packet || !m_peer || from.endpoint() != m_peer->rtp)
            continue;
        if (packet->payloadType == m_peer->eventType)
            m_digits.add(*packet, m_peer->eventRate);
        else if (listens && packet->payloadType == m_peer->payloadType)
            m_far.add(*packet);
    }
}

void PortCore::hear(std::uint64_t beat)
{
    receive();
    tellDigits();
    if (!m_mix && !m_echoes && !m_recording)
        return;
    const std::span<const std::int16_t> heard = m_far.next();
    std::ranges::copy(heard, m_heard.begin());
    if (m_recording)
        keep(heard);
    if (m_mix) {
        convert(heard, m_wide, m_doubler, m_halver);
        m_mix->add(beat, m_wide);
    }
}

/// What goes out in this beat; false: nothing.
bool PortCore::compose(Frame& frame)
{
    const bool played = m_player.plays();
    const bool plays = played && m_player.next(m_voice, frame);
    if (played && !plays)
        tellPlayed(PlayEnd::Done);
    if (plays && frame.octetCount == 0 && !m_encoder) {
        m_player.stop();
        tellPlayed(PlayEnd::NotEncodable);
        return false;
    }
    if ((!m_mix && !m_echoes) || !m_encoder)
        return plays;
    const std::size_t count = m_voice.rate / kFramesPerSecond;
    std::array<std::int16_t, kMixSamples> behind = m_heard;
    if (m_mix) {
        std::array<std::int16_t, kMixSamples> others{};
        m_mix->others(m_wide, others);
        convert(others, std::span(behind).first(count), m_doubler, m_halver);
    }
    for (std::size_t i = 0; i < count; ++i)
        frame.samples[i] = saturated((plays ? frame.samples[i] : 0) + behind[i]);
    frame.octetCount = 0;
    return true;
}

void PortCore::speak(std::uint64_t beat)
{
    Frame frame;
    if (!m_peer)
        return;
    const bool speaks = compose(frame);
    if (!sendKey(beat) && speaks && m_address)
        send(beat, frame);
}

/// In place of sound, whose time goes on.
bool PortCore::sendKey(std::uint64_t beat)
{
    if (!m_peer->eventType)
        return false;
    const auto event = m_keys.next(beat, m_peer->eventRate);
    if (event && m_address)
        m_socket.send(m_rtp.event(beat, *m_peer->eventType, *event), m_address);
    return event.has_value();
}

void PortCore::send(std::uint64_t beat, const Frame& frame)
{
    if (frame.octetCount > 0)
        m_payload.assign(frame.octets.begin(),
                         frame.octets.begin() + static_cast<std::ptrdiff_t>(frame.octetCount));
    else if (!m_encoder->encode(std::span(frame.samples).first(m_voice.rate / kFramesPerSecond), m_payload))
        return;
    m_socket.send(m_rtp.packet(beat, m_payload), m_address);
}

void PortCore::record(std::shared_ptr<Recording> recording)
{
    stopRecording();
    m_recording = std::move(recording);
    m_recorded = 0;
    m_silent = 0;
    m_recordDoubler = {};
    m_recordHalver = {};
}

/// Into the block, which goes to the writer when it is full.
void PortCore::keep(std::span<const std::int16_t> heard)
{
    const RecordPlan& plan = m_recording->plan;
    if (!m_block) {
        m_block = std::make_unique<RecordingWriter::Block>();
        m_block->recording = m_recording;
        m_block->samples.reserve(plan.rate / kBlocksPerSecond);
    }
    std::array<std::int16_t, kMixSamples> frame{};
    const auto converted = std::span(frame).first(plan.rate / kFramesPerSecond);
    convert(heard, converted, m_recordDoubler, m_recordHalver);
    const std::uint64_t most = samplesOf(plan.limit, plan.rate);
    const std::size_t count = std::min<std::uint64_t>(converted.size(), most - m_recorded);
    m_block->samples.insert(m_block->samples.end(), frame.begin(),
                            frame.begin() + static_cast<std::ptrdiff_t>(count));
    m_recorded += count;
    m_silent = isQuiet(converted) ? m_silent + count : 0;
    const bool silent = plan.silence.count() > 0 && m_silent >= samplesOf(plan.silence, plan.rate);
    if (silent || m_recorded >= most || m_recording->failed.load(std::memory_order_relaxed))
        return stopRecording();
    if (m_recording->waiting.load(std::memory_order_relaxed) > kMostWaiting)
        return stopRecording(fail(MediaErrc::TooSlow, utf8Of(plan.file)));
    if (m_block->samples.size() + converted.size() > plan.rate / kBlocksPerSecond)
        m_writer.put(std::move(m_block));
}

/// All of a recording without a sound, else all but what the last word may need.
std::uint64_t PortCore::silenceToCut() const
{
    const RecordPlan& plan = m_recording->plan;
    if (plan.silence.count() == 0 || m_silent == m_recorded)
        return plan.silence.count() == 0 ? 0 : m_silent;
    return m_silent - std::min(m_silent, samplesOf(kFadeAway, plan.rate));
}

void PortCore::stopRecording(Status status)
{
    if (!m_recording)
        return;
    if (!m_block) {
        m_block = std::make_unique<RecordingWriter::Block>();
        m_block->recording = m_recording;
    }
    m_block->last = true;
    m_block->silent = silenceToCut();
    m_block->status = std::move(status);
    m_writer.put(std::move(m_block));
    m_recording.reset();
}

} // namespace sr::media
