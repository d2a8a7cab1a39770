// SPDX-License-Identifier: GPL-3.0-or-later
// Music for a held side of a call: a port beside the call, which the relay takes for the other side
// meanwhile. (Somebody who calls music gets an announcement with `times=0`.)
#pragma once

#include "core/media/media_server.h"
#include "core/relay/relay.h"

namespace sr::pbx {

/// What the music of calls on hold is made with, and outlived by. Without a server there is none.
struct MusicParts {
    media::MediaServer* server = nullptr;
    media::Executor post = {}; ///< onto the control thread
    std::function<media::SoundPtr()> find = {};
    std::function<void(const Error&)> failed = {}; ///< somebody waits in silence; may be empty
};

/// Plays until the port is destroyed. `held`: where the relay listens for the other side of the held one, in
/// the codec that the call has; the port's local() is to become the relay's peer there, its end gives the
/// place back. `address`: ours, which the relay reaches. Errors: of media::MediaServer::open(), setPeer(),
/// play(): NotEncodable for G.729, unless the music is G.729.
Result<std::unique_ptr<media::Port>> openMusic(media::MediaServer& server, media::Executor post,
                                               const IpAddress& address, const media::PortPeer& held,
                                               media::SoundPtr music);

/// Plays from start() to its end, which gives port and way back. Control thread.
class HoldMusic {
public:
    struct Plan {
        relay::Side holder = relay::Side::Caller;
        media::PortPeer held; ///< how it wants to be spoken to; the address is found here
        bool yields = false;  ///< to what the holder itself sends
        bool operator==(const Plan&) const = default;
    };
    /// `bridge` outlives it. Errors: of openMusic(); MediaErrc::UnknownFile: there is no music.
    static Result<std::unique_ptr<HoldMusic>> start(const MusicParts& parts, relay::Bridge& bridge,
                                                    const Plan& plan);
    ~HoldMusic();
    HoldMusic(const HoldMusic&) = delete;
    HoldMusic& operator=(const HoldMusic&) = delete;
    const Plan& plan() const { return m_plan; }

private:
    HoldMusic(relay::Bridge& bridge, Plan plan, std::unique_ptr<media::Port> port);

    relay::Bridge& m_bridge;
    Plan m_plan;
    std::unique_ptr<media::Port> m_port;
};

} // namespace sr::pbx
