// SPDX-License-Identifier: GPL-3.0-or-later
// A port that plays in a loop and hears nothing.
#include "core/pbx/music.h"

namespace sr::pbx {

Result<std::unique_ptr<media::Port>> openMusic(media::MediaServer& server, media::Executor post,
                                               const IpAddress& address, const media::PortPeer& held,
                                               media::SoundPtr music)
{
    auto port = server.open(address, std::move(post), {});
    if (!port)
        return port;
    if (Status status = (*port)->setPeer(held); !status)
        return status.error();
    if (Status status = (*port)->play(std::move(music), 0); !status)
        return status.error();
    return port;
}

Result<std::unique_ptr<HoldMusic>> HoldMusic::start(const MusicParts& parts, relay::Bridge& bridge,
                                                    const Plan& plan)
{
    media::SoundPtr sound = parts.find ? parts.find() : nullptr;
    if (sound == nullptr)
        return fail(media::MediaErrc::UnknownFile, "music");
    media::PortPeer held = plan.held;
    held.rtp = bridge.local(plan.holder);
    auto port = openMusic(*parts.server, parts.post, held.rtp.address, held, std::move(sound));
    if (!port)
        return port.error();
    return std::unique_ptr<HoldMusic>(new HoldMusic(bridge, plan, std::move(*port)));
}

HoldMusic::HoldMusic(relay::Bridge& bridge, Plan plan, std::unique_ptr<media::Port> port)
    : m_bridge(bridge)
    , m_plan(std::move(plan))
    , m_port(std::move(port))
{
    m_bridge.setSubstitute(m_plan.holder, relay::Substitute{m_port->local(), m_plan.yields});
}

HoldMusic::~HoldMusic()
{
    m_bridge.setSubstitute(m_plan.holder, std::nullopt);
}

} // namespace sr::pbx
