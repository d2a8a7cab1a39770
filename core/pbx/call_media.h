// SPDX-License-Identifier: GPL-3.0-or-later
// Offer and answer through the relay (RFC 3264): each side sees our address, our keys, and the other's
// formats.
#pragma once

#include "core/relay/relay.h"
#include "core/sdp/relayed.h"
#include "core/sdp/session_description.h"

#include <array>

namespace sr::pbx {

using relay::Side;

inline Side otherSide(Side side)
{
    return side == Side::Caller ? Side::Callee : Side::Caller;
}

enum class Protection : std::uint8_t { None, Sdes, Dtls };

/// Control thread.
class CallMedia {
public:
    /// `callerSide`, `calleeSide`: our addresses as those devices reach us. Errors: as relay::Relay::open().
    static Result<std::unique_ptr<CallMedia>> open(relay::Relay& relay, const IpAddress& callerSide,
                                                   const IpAddress& calleeSide);

    /// From the next offer on descriptions go to the other side as they are, but for their origin: media goes
    /// past the relay.
    void setDirect(bool direct) { m_direct = direct; }
    bool isDirect() const { return m_direct; }

    /// What `from` offers, as the other side shall get it. Errors: of sdp; NoCommonKeys.
    Result<std::string> passOffer(Side from, std::string_view offer);
    /// What `from` answers to the last offer. Errors: the same.
    Result<std::string> passAnswer(Side from, std::string_view answer);
    /// Our own answer to what `from` offers, without sound both ways: it is asked anew later. Errors: of sdp;
    /// NoCommonKeys.
    Result<std::string> answerAlone(Side from, std::string_view offer);
    /// A description for a side that is to be asked anew, though the other one offers nothing itself. Errors:
    /// as passOffer(). The answer: passAnswer().
    Result<std::string> describeFor(Side to, std::string_view description);
    /// The last offer was refused without an answer: what held before holds on.
    void revert();
    bool isSecure(Side side) const { return at(side).protection != Protection::None; }
    /// What a side is offered of protection and ICE.
    struct Terms {
        Protection protection = Protection::None;
        bool ice = false; ///< and RTCP beside RTP
    };
    /// Another device takes the side's place; nothing of the former one's keys and addresses holds on.
    void reset(Side side, const Terms& terms);
    void reset(Side side, bool secure) { reset(side, {secure ? Protection::Sdes : Protection::None, false}); }
    /// From the next offer on; unless told, a side is offered SRTP if the other one offers that, and no ICE.
    /// A device that offers them itself is answered with them all the same.
    void setTerms(Side side, const Terms& terms);
    /// Of what the side's device has been told last: in its dialog that session goes on, whatever media is
    /// behind it (RFC 3264 8).
    struct Origin {
        std::uint64_t sessionId = 0;
        std::uint64_t version = 0;
    };
    Origin origin(Side side) const { return {at(side).sessionId, at(side).version}; }
    void setOrigin(Side side, const Origin& last);
    /// What the side's device has, for who is to offer it something elsewhere.
    Terms terms(Side side) const;

    /// A description of `from` in the clear, with the relay's addresses, for the recording.
    Result<std::string> clearDescription(Side from, std::string_view description) const;
    Endpoint local(Side side) const { return m_bridge->local(side); }
    relay::Bridge& bridge() { return *m_bridge; }

private:
    struct Leg {
        std::uint64_t sessionId = 0;
        std::uint64_t version = 0;
        Protection protection = Protection::None;
        bool hasSpoken = false;                 ///< the device has offered or answered
        bool mayChoose = false;                 ///< its last offer was of SDES and DTLS
        std::string profile;                    ///< of its last offer
        std::vector<sdp::CryptoAttribute> ours; ///< what we offered it, or the one we answered
        bool offersIce = false;
        std::optional<sdp::IceLogin> ice;       ///< ours
        std::optional<sdp::IceLogin> theirIce;  ///< another one in an offer: a restart (RFC 8839 §4.4.1.1)
        bool rtcpMux = false;                   ///< the device wants RTCP beside RTP
        std::uint64_t device = 0;               ///< relay::Peer::device
        sdp::Setup setup = sdp::Setup::Passive; ///< ours in an answer
        relay::Peer peer;
    };
    CallMedia(std::unique_ptr<relay::Bridge> bridge, std::string fingerprint);
    Leg& at(Side side) { return m_legs[static_cast<std::size_t>(side)]; }
    const Leg& at(Side side) const { return m_legs[static_cast<std::size_t>(side)]; }
    static Status makeKeys(Leg& leg);
    static Status takeKeys(Leg& leg, const sdp::Media& audio);
    static Status takeDtls(Leg& leg, const sdp::Media& audio);
    static Status takeProtection(Leg& leg, const sdp::Media& audio);
    static Status makeIce(Leg& leg);
    static Status takeIce(Leg& leg, const sdp::Media& audio);
    enum class Role : std::uint8_t { Offer, Answer };
    sdp::Relayed planFor(Side to, Role role);
    Result<std::string> describe(Side to, std::string_view description, const sdp::SessionDescription& read,
                                 Role role);
    Status prepareOffer(Leg& asked);
    Status agree(Side from, const sdp::Media& audio);
    Result<relay::Peer> answered(Leg& asked, const sdp::Media& audio);
    Error undone(const Error& error);
    void note(Side side, const sdp::Media& audio);

    std::unique_ptr<relay::Bridge> m_bridge;
    std::string m_fingerprint; ///< of the relay's certificate
    using Legs = std::array<Leg, 2>;
    Legs m_legs;
    std::unique_ptr<const Legs> m_before; ///< an offer that is not answered yet
    bool m_protectionChosen = false;      ///< of both sides
    bool m_direct = false;
    std::uint64_t m_devices = 0; ///< how many there have been
};

} // namespace sr::pbx
