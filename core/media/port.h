// SPDX-License-Identifier: GPL-3.0-or-later
// One end of a call inside the exchange: a socket that speaks, hears keys and records.
#pragma once

#include "core/base/endpoint.h"
#include "core/media/player.h"
#include "core/media/recording_writer.h"
#include "core/rtp/payload_format.h"

#include <functional>
#include <memory>
#include <optional>

namespace sr::media {

class ServerCore;
class PortCore;
struct PortListener;
class Conference;

/// Runs what it is given on a thread of its own, later and in order; the control thread's post(). Called on
/// any thread.
using Executor = std::function<void(std::function<void()>)>;

/// Who is at the other end, as the signalling says. RTP is taken from this address only.
struct PortPeer {
    Endpoint rtp; ///< port 0 or an unspecified address: nothing is sent (hold)
    std::uint8_t payloadType = 8;
    rtp::PayloadFormat format{"PCMA", 8000, 1, {}};
    std::optional<std::uint8_t> eventType; ///< of RFC 4733
    std::uint32_t eventRate = 8000;        ///< clock of the events [Hz]
    bool sends = true;                     ///< we may speak
    bool operator==(const PortPeer&) const = default;
};

enum class PlayEnd : std::uint8_t {
    Done,
    NotEncodable, ///< the peer has changed to a codec that the exchange does not encode
};

/// Any may be empty. Each may destroy the port.
struct PortEvents {
    std::function<void(PlayEnd)> played;                               ///< not after stop() or another play()
    std::function<void(char symbol, std::chrono::milliseconds)> digit; ///< once for each key, at its end
    std::function<void(const Recorded&)> recorded;
};

/// Control thread; no function waits. What is ordered holds from the next beat on. Its end closes the socket
/// and ends what it recorded, of which nothing is told then.
class Port {
public:
    static constexpr std::size_t kMostSounds = 256; ///< of a list

    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    Endpoint local() const { return m_local; } ///< of RTP, an even port
    /// Before it nothing is heard or said. Again with every answer. Errors: of codec::PayloadDecoder::open()
    /// for a codec that nothing here decodes; then nothing has changed.
    Status setPeer(const PortPeer& peer);
    /// Whether it can say everything, not only sounds that are in the peer's codec already. G.729 it cannot.
    bool encodes() const { return m_encodes; }
    /// In place of what plays. TooMany; NotEncodable if !encodes() and a sound is not in the peer's codec.
    Status play(PlayList list);
    Status play(SoundPtr sound, unsigned times = 1) { return play(PlayList{{std::move(sound)}, times}); }
    void stop();
    /// Presses a key after those that wait, of 40 ms to a second, instead of sound; before the first
    /// setPeer() it waits. NotEncodable: the peer takes no events.
    Status press(char symbol, std::chrono::milliseconds length = std::chrono::milliseconds(100));
    /// In place of a recording that runs, which ends. Whether the file can be written is told with its end.
    void record(RecordPlan plan);
    void stopRecording();
    /// In place of another conference. TooMany; NotEncodable.
    Status join(Conference& conference);
    void leave();
    /// Says what it hears.
    void setEcho(bool echo);

private:
    friend class MediaServer;
    struct Membership;
    Port(std::shared_ptr<ServerCore> server, std::shared_ptr<PortCore> core,
         std::shared_ptr<PortListener> listener, Executor executor, const Endpoint& local);

    std::shared_ptr<ServerCore> m_server;
    std::shared_ptr<PortCore> m_core; ///< touched by the beat thread only
    std::shared_ptr<PortListener> m_listener;
    Executor m_executor;
    Endpoint m_local;
    std::optional<PortPeer> m_peer;
    bool m_encodes = true;
    std::unique_ptr<Membership> m_membership;
};

} // namespace sr::media
