// SPDX-License-Identifier: GPL-3.0-or-later
// SIP messages as they pass the stack, caught from Sofia's log of its transports. Internal to core/sip, but
// for the message itself.
#pragma once

#include "core/base/endpoint.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sr::sip {

/// What Sofia tells: lines end with LF, and behind one of more than 2 kB the rest is missing.
struct TappedMessage {
    bool sent = false;
    std::string transport; ///< `udp`, `tcp`, `tls`
    Endpoint peer;
    std::size_t octets = 0; ///< of the whole message
    std::string text;       ///< with all secrets
};
using MessageTap = std::function<void(TappedMessage)>; ///< called on the control thread; must not wait

/// Puts messages together of what the log says, piece by piece. No message can end another or begin one: its
/// lines come by themselves, without their line ends, while the log's own pieces have them within.
class TapReader {
public:
    /// A whole message at the last of its pieces.
    std::optional<TappedMessage> take(std::string_view piece);
    bool isInside() const { return m_inside; }

private:
    bool m_inside = false;
    TappedMessage m_message;
};

/// From now on this thread's messages go to `tap`; null: to nobody. Sofia's agents have to be told, too
/// (TPTAG_LOG).
void setMessageTap(MessageTap tap);
/// Tells the tap of a datagram that left past Sofia while that reads what it answers: behind it. For next to
/// nothing where there is no tap.
void tapSent(const Endpoint& to, std::string_view datagram);
/// Once in a program, before the first agent.
void catchSofiaLog();

} // namespace sr::sip
