// SPDX-License-Identifier: GPL-3.0-or-later
// What the tracker makes of packets that are not ours: one SIP call (or bare RTP pair) with its signalling
// and streams.
#pragma once

#include "core/base/clock.h"
#include "core/base/endpoint.h"
#include "core/rtp/stream.h"

#include <optional>
#include <string>
#include <vector>

namespace sr::capture {

enum class Party : std::uint8_t { Caller, Callee };

enum class CallOrigin : std::uint8_t {
    Sip,       ///< a dialog was followed
    BareRtp,   ///< RTP found by its looks, no signalling (numbers unknown)
    PhoneFile, ///< written by a phone or gateway: fixed ports 16386 local, 16388 remote
               ///< (pbx-interfaces.md 3.1)
};

struct CallParty {
    std::string number; ///< user part of P-Asserted-Identity, else From/To; `unknown` if withheld or absent
    std::string displayName;
    std::string host;
    Endpoint signalling; ///< where its SIP came from
};

enum class FlowKind : std::uint8_t {
    Invite,
    Challenge,
    Progress,
    Ringing,
    EarlyMedia,
    Answer,
    Reinvite,
    Hold,
    Retrieve,
    Refer,
    Pause,  ///< our exchange keeps nothing of what is said from here on
    Resume, ///< and from here on again
    Mark,   ///< somebody in a call of our exchange wants it to be kept
    Replaces,
    Redirect,
    Cancel,
    Reject,
    Bye,
    Lost
};

/// One step of the call for the sidecar and the player's details.
struct FlowEvent {
    UtcTime time{};
    FlowKind kind = FlowKind::Invite;
    Party by = Party::Caller;
    std::string detail; ///< status line, refer target, replaced Call-ID
};

/// A SIP message as it was on the wire, for native pcap output.
struct SignallingMessage {
    UtcTime time{};
    Endpoint from;
    Endpoint to;
    std::string bytes;
};

struct CallStream {
    Party speaker = Party::Caller; ///< whose voice (or whose music) it is
    rtp::RtpStream rtp;
    std::uint64_t cutPackets = 0; ///< of which the capture kept only the beginning
};

struct CapturedCall {
    CallOrigin origin = CallOrigin::Sip;
    std::string callId;
    std::string callerTag;
    std::string calleeTag; ///< of the fork that answered first
    std::string guid; ///< conference guid, 32 hex digits, from a header or the file's name; empty if none
    std::optional<Party> localParty; ///< phone files: whose end the recording device is (port 16386)
    std::string deviceId;            ///< `mac-serial[-reg]` of a phone-written file's name; empty if none
    CallParty caller;
    CallParty callee;
    std::optional<Party> internal;   ///< as our own exchange knows it; nothing: the numbers have to tell
    std::optional<Party> owner;      ///< likewise, of the recording; nothing: the internal one
    bool provisional = false;        ///< our exchange has not said (yet) that it is to be kept
    UtcTime firstPacket{};           ///< of the call, signalling or media
    std::optional<UtcTime> ringing;  ///< first 180, else first other 18x
    std::optional<UtcTime> answered; ///< first 2xx to INVITE; first media packet where there is no signalling
    std::optional<seconds> alerted;  ///< that the callee rang, where that is not from `ringing` to `answered`
    UtcTime ended{};                 ///< BYE, CANCEL or final response; else the last packet
    bool endSeen = false;            ///< false: the capture stopped first
    int finalStatus = 0;             ///< SIP status of an unanswered call, 0 unknown
    std::vector<FlowEvent> flow;
    std::vector<SignallingMessage> signalling; ///< bounded: 512 messages, 512 KiB
    std::vector<CallStream> streams;           ///< both speakers, any number each, by first packet
    std::vector<std::string> files;            ///< captures it came from
    /// Live: packets of any call that were lost on the way to us while it ran.
    std::optional<std::uint64_t> droppedPackets;
};

/// A call that runs, for those who watch.
struct OpenCall {
    std::string callId;
    std::string caller; ///< number
    std::string callee;
    UtcTime since{}; ///< of its first packet
    std::optional<UtcTime> answered;
};

} // namespace sr::capture
