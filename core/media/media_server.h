// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange's own voice: plays, listens, records and mixes for all its ports on one thread, 50 times a
// second. RTP over UDP in the clear (RFC 3550), as between the relay and here; RTCP is neither sent nor read.
//
//   control thread --orders--> beat thread: orders, hear (all ports), mix, speak (all ports) --> events -->
//   executor
//                                   \-- blocks --> writer thread: WAV files
#pragma once

#include "core/media/conference.h"
#include "core/media/port.h"

#include <chrono>
#include <cstdint>
#include <memory>

namespace sr::media {

struct MediaOptions {
    std::uint16_t firstPort = 30000;
    std::uint16_t lastPort = 33999;
    /// One core speaks G.711 to some 2000 ports, G.722 to 700, Opus to 160 (measured on an AMD EPYC).
    std::size_t mostPorts = 500;
    /// Stepped: no thread; who calls beat() is the beat, and writes the recordings.
    RecordingWriter::Running running = RecordingWriter::Running::OwnThread;
};

/// Control thread. Ports may outlive it, and are dumb then.
class MediaServer {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    explicit MediaServer(const MediaOptions& options = {});
    /// Stops the threads; recordings that run are completed.
    ~MediaServer();
    MediaServer(const MediaServer&) = delete;
    MediaServer& operator=(const MediaServer&) = delete;

    /// On an address of this machine, which the peer reaches. TooMany; of core/relay: NoPorts, Socket.
    Result<std::unique_ptr<Port>> open(const IpAddress& address, Executor executor, PortEvents events);
    std::size_t openPorts() const; ///< any thread
    /// Stepped: does what is due, and returns when the next beat is. The first call is the first beat.
    TimePoint beat(TimePoint now);

private:
    std::shared_ptr<ServerCore> m_core; // ports share it
};

} // namespace sr::media
