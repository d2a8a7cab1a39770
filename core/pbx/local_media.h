// SPDX-License-Identifier: GPL-3.0-or-later
// Offer and answer of a phone inside the exchange (RFC 3264), and the port that does what was agreed. One
// codec and telephone events; no SRTP, for it never leaves the machine.
#pragma once

#include "core/media/media_server.h"
#include "core/sdp/own_description.h"

namespace sr::pbx {

/// How to speak to who has described this: the first format that is spoken here, and events. The address is
/// left out. Nothing: there is none.
std::optional<media::PortPeer> spokenTo(const sdp::Media& agreed);

/// Control thread.
class LocalMedia {
public:
    explicit LocalMedia(std::unique_ptr<media::Port> port);
    media::Port& port() { return *m_port; }
    /// Its far side wants to hear nothing.
    bool isHeld() const { return m_held; }
    const std::string& codec() const { return m_codec; } ///< agreed on last; empty: none

    /// Of the first codec of the offer that is spoken here; Opus and at last G.729 only if there is no other.
    /// Errors: of sdp and of media::Port::setPeer(); then what held before holds on.
    Result<std::string> answer(const std::string& offer);
    /// All that is spoken here.
    std::string offer();
    /// To the last offer(). Errors: as answer(), NoCommon.
    Status takeAnswer(const std::string& answer);

private:
    sdp::OwnAudio own(std::vector<sdp::OwnFormat> formats);
    Status agree(const sdp::Media& theirs, const sdp::Media& agreed);

    std::unique_ptr<media::Port> m_port;
    std::uint64_t m_sessionId;
    std::uint64_t m_version = 0;
    bool m_held = false;
    std::string m_codec;
};

} // namespace sr::pbx
