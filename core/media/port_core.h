// SPDX-License-Identifier: GPL-3.0-or-later
// The beat thread's half of a port. Internal to core/media.
#pragma once

#include "core/codec/payload_encoder.h"
#include "core/media/digit_ear.h"
#include "core/media/far_voice.h"
#include "core/media/key_sender.h"
#include "core/media/mix.h"
#include "core/media/port.h"
#include "core/media/recording_writer.h"
#include "core/media/spoken_rtp.h"
#include "core/relay/udp_socket.h"

namespace sr::media {

/// What is told of a port, on the thread of its executor. The port owns it, so nothing is told once that is
/// gone.
struct PortListener {
    PortEvents events;
    std::uint64_t play = 0; ///< of the list that plays: what is told of an older one is void
};

/// Made on the control thread, then the beat thread's, but for `local`.
class PortCore {
public:
    PortCore(relay::UdpSocket socket, RecordingWriter& writer, Executor executor,
             std::weak_ptr<PortListener> listener);

    struct Codec {
        PortPeer peer;
        std::unique_ptr<codec::PayloadDecoder> decoder;
        std::unique_ptr<codec::PayloadEncoder> encoder; ///< null: the codec is none that is encoded
    };
    // Orders
    void setPeer(const PortPeer& peer); ///< of the same codec
    void setCodec(Codec& codec);        ///< gives back the former one
    void play(PlayList& list, std::uint64_t id);
    void stop() { m_player.stop(); }
    void record(std::shared_ptr<Recording> recording);
    void stopRecording(Status status = {});
    void join(std::shared_ptr<Mix>& mix) { m_mix.swap(mix); }
    void setEcho(bool echo) { m_echoes = echo; }
    void press(char symbol, std::chrono::milliseconds length) { m_keys.press(symbol, length); }

    // The beat: all ports hear, then all speak
    void hear(std::uint64_t beat);
    void speak(std::uint64_t beat);

private:
    void receive();
    void tellDigits();
    std::uint64_t silenceToCut() const;
    void keep(std::span<const std::int16_t> heard);
    bool compose(Frame& frame);
    void send(std::uint64_t beat, const Frame& frame);
    bool sendKey(std::uint64_t beat);
    void tellPlayed(PlayEnd end);
    template <typename Tell>
    void tell(Tell what);

    relay::UdpSocket m_socket;
    RecordingWriter& m_writer;
    Executor m_executor;
    std::weak_ptr<PortListener> m_listener;
    std::optional<PortPeer> m_peer;
    relay::SocketAddress m_address; ///< of the peer; none while it is not to be spoken to
    std::unique_ptr<codec::PayloadEncoder> m_encoder;
    Player::Voice m_voice;
    FarVoice m_far;
    DigitEar m_digits;
    KeySender m_keys;
    SpokenRtp m_rtp;
    Player m_player;
    std::uint64_t m_playing = 0;
    std::shared_ptr<Mix> m_mix;
    bool m_echoes = false;
    std::array<std::int16_t, kMixSamples> m_heard{}; ///< of this beat, at the peer's rate
    std::array<std::int16_t, kMixSamples> m_wide{};  ///< the same at 16 kHz, for the mix
    RateDoubler m_doubler;
    RateHalver m_halver;
    std::shared_ptr<Recording> m_recording;
    std::unique_ptr<RecordingWriter::Block> m_block;
    std::uint64_t m_recorded = 0; ///< [samples]
    std::uint64_t m_silent = 0;   ///< [samples] of silence at the end of it
    RateDoubler m_recordDoubler;
    RateHalver m_recordHalver;
    Bytes m_payload;
};

} // namespace sr::media
