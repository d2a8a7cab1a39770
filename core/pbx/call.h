// SPDX-License-Identifier: GPL-3.0-or-later
// One call between two users: the caller's session, one for each device that rings, and the media between
// them.
#pragma once

#include "core/base/clock.h"
#include "core/pbx/call_keys.h"
#include "core/pbx/call_media.h"
#include "core/pbx/call_records.h"
#include "core/pbx/call_transcript.h"
#include "core/pbx/destination.h"
#include "core/pbx/failed_call.h"
#include "core/pbx/music.h"
#include "core/relay/call_tap.h"
#include "core/sip/session.h"

#include <map>
#include <optional>

namespace sr::pbx {

class Call;
struct KeyInfo;

/// A talk whose recording has ended.
struct RecordedTalk {
    std::string guid;
    std::string callId; ///< CallTranscript::callId()
    std::string caller; ///< names of the two
    std::string callee;
};

/// What a call asks of the exchange around it.
class CallNeighbours {
public:
    virtual ~CallNeighbours() = default;
    virtual Destination destination(const Dialling& dialling) const = 0;
    virtual Call* callWith(const sip::DialogId& dialog) const = 0; ///< null if there is none
    virtual std::uint64_t newTag() = 0;                            ///< for the relay's copies
    virtual void recorded(const RecordedTalk&) {}
    virtual void failed(const FailedCall&) {}
    virtual void pressed(Call& /*call*/, Side /*by*/, char /*key*/) {} ///< in SIP INFO, by who talks
    /// Where calls of that one, and of its device there, are wanted beside the archive.
    virtual std::vector<relay::TapTarget> recordTargets(const CallParty&, const sip::Source&) const
    {
        return {};
    }
};

/// What all calls need; outlives them.
struct CallEnvironment {
    sip::Dialer& dialer;
    relay::Relay& relay;
    relay::CallTap& tap;
    const Clock& clock;
    CallNeighbours& neighbours;
    CallRecords& records;
    MusicParts music = {}; ///< for who is on hold
};

/// A call for those who watch.
struct CallRow {
    std::uint64_t id = 0;
    CallParty caller;
    CallParty callee;
    UtcTime since{};
    std::optional<UtcTime> answered;
    bool recorded = false;
    bool paused = false; ///< nothing of what is said now is recorded
};

/// Control thread. States: calling (devices ring) -> connected -> over.
class Call {
public:
    struct Plan {
        std::uint64_t id = 0;
        CallParty caller;
        Destination callee;  ///< with devices
        bool record = false; ///< whatever those who talk want
    };
    Call(const CallEnvironment& environment, Plan plan, const sip::InviteRequest& request,
         std::unique_ptr<sip::Session> session);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    void begin();
    bool isOver() const { return m_state == State::Over; } ///< sessions are gone; nothing comes any more
    CallRow row() const;
    void onSecond(); ///< asks after devices of which nothing is heard
    /// The names of whom it rings now and who may be picked up, since when.
    std::vector<std::string> ringing() const;
    TimePoint ringsSince() const;
    /// Who has dialled for it takes it instead of whom it rings: `picker` is answered at once and then asked
    /// anew, with what the caller offers. False, and the session is left alone: it rings nobody any more, or
    /// one of both brings no offer that can be answered.
    bool pickUp(std::unique_ptr<sip::Session>& session, const sip::InviteRequest& request, CallParty picker);
    /// A device of somebody in this call, as a dialog names it.
    struct Part {
        CallParty owner;
        Side side = Side::Callee;
        bool rings = false; ///< else it talks
    };
    /// Nothing: the dialog is none of this call, or its device is one that calls and has no answer yet.
    std::optional<Part> partIn(const sip::DialogId& dialog) const;
    /// Who has called for it takes the place of the device that talks at `side`, as soon as the other one has
    /// agreed. Not 0: the session is left alone, and that is the answer to it.
    int takeOver(std::unique_ptr<sip::Session>& session, const sip::InviteRequest& request, CallParty taker,
                 Side side);
    void hangUp(); ///< both sides get BYE, or what else ends what they have
    /// Nothing that is said from now on is recorded, until resume(); the calls go on, and what a transfer
    /// makes of it too. For card data and the like; any number of times, and for calls that are not recorded
    /// as well.
    void pause();
    void resume();
    /// What the user at that side wants from now on, or from the answer on; each stretch is a recording of
    /// its own. False: that one has no such switch (RecordMode).
    bool switchRecording(Side by, bool on);
    bool hasDialog(const sip::DialogId& dialog) const;
    std::uint64_t tag() const { return m_tag; } ///< of the relay's copies
    const CallParty& party(Side side) const
    {
        return side == Side::Caller ? m_plan.caller : m_plan.callee.party;
    }
    KeyBuffer& keys(Side side) { return m_keys[static_cast<std::size_t>(side)]; } ///< what it has pressed
    bool isTalkOf(const std::string& user) const; ///< by name; not with a service
    bool isBy(const std::string& object) const;   ///< by name: it calls, or is called
    /// Into the call data records of both sides, and into every recording of this talk from now on
    /// (decisions.md 19); the last one holds.
    void setTan(const std::string& user, const std::string& sixDigits);
    /// In the recording, that the user wants it to be kept; once is enough. False: there is none.
    bool mark(const std::string& user);

private:
    enum class State : std::uint8_t { Calling, Connected, Over };
    class Leg;
    using Legs = std::vector<std::unique_ptr<Leg>>;
    /// An offer of one side that the other has not answered yet.
    struct Exchange {
        Side by = Side::Caller;
        bool offerless = false; ///< `by` wanted an offer, so the other makes it and `by` answers in its ACK
        std::string offer;      ///< as it came
    };
    struct Transfer;

    // call.cpp
    /// Null if no port is free.
    std::unique_ptr<CallMedia> openMedia(const sip::Source& caller, const sip::Source& callee) const;
    void ringAll(const std::string& offer);
    /// `caller`: whom it shows; null: the party at the other side.
    std::unique_ptr<Leg> ring(const CalledDevice& device, Side side, const std::string& offer,
                              const CallParty* caller = nullptr);
    sip::NameAddress shownTo(const sip::Source& way, const CallParty& party) const;
    CallTranscript::Device transcriptDevice(const CallParty& party, const sip::Source& at) const;
    void refuse(int status);
    void end(Side by);
    void tearDown();
    void onReply(Leg& leg, const sip::Reply& reply);
    void onProgress(Leg& leg, const sip::Reply& reply);
    void onAnswer(Leg& leg, const sip::Reply& reply);
    void onRefusal(Leg& leg, int status);
    bool ringsService() const;
    void beginRecords();
    void recordCallees();
    LegId recordOf(const CallParty& owner) const;
    void releaseRinging(const Leg& leg, int cause);
    LegId& record(Side side) { return m_records[static_cast<std::size_t>(side)]; }
    void connect(const std::string& offer, const std::string& answer);
    void onOffer(Leg& leg, const std::string& sdp);
    void onOfferReply(Leg& leg, const sip::Reply& reply);
    void onAck(Leg& leg, const std::string& sdp);
    void onEnded(Leg& leg, sip::Ending ending);
    void finishExchange(Side answerer, const std::string& answer);
    /// Not one that rings, is wanted by a transfer, or has handed the call over.
    bool isSeated(const Leg& leg) const;
    Leg* legOf(Side side) const { return side == Side::Caller ? m_caller.get() : m_callee.get(); }
    std::unique_ptr<Leg>& seat(Side side) { return side == Side::Caller ? m_caller : m_callee; }
    CallParty& partyOf(Side side) { return side == Side::Caller ? m_plan.caller : m_plan.callee.party; }
    std::optional<bool>& switched(Side side) { return m_switched[static_cast<std::size_t>(side)]; }
    const std::string& described(Side side) const { return m_described[static_cast<std::size_t>(side)]; }
    std::string& described(Side side) { return m_described[static_cast<std::size_t>(side)]; }

    // call_forward.cpp
    bool forward(const std::string& number, LegId rung, const char* reason);
    void addDiversions(const std::vector<ForwardStep>& steps);
    bool isOurHost(const Leg& leg, const std::string& host) const;
    bool isDiverted(const Leg& leg, const sip::Reply& reply);
    struct Forwarding {
        std::string to; ///< empty: nowhere
        const char* reason = "";
        bool isRejected = false;
    };
    static Forwarding forwardBehind(int refusal, const Forwards& forwards);
    std::optional<std::string> divertedTo(const Leg& leg, const sip::Reply& reply) const;
    bool forwardTransfer(const std::string& number, const char* reason);
    void forwardLateTransfer(TimePoint now);
    bool isTargetDiverted(const Leg& leg, const sip::Reply& reply);

    // call_spare.cpp
    std::unique_ptr<Leg> ringOtherwise(const Leg& leg, int status, CallMedia& media, Side offerer,
                                       const std::string& sdp);
    bool retryOtherProtection(Leg& leg, int status);
    static bool isDeadWay(const Leg& leg, int status);
    bool ringSpare(int status);
    void moveRecord(const CallParty& owner, int cause);
    bool ringTransferSpare(Transfer& transfer);

    // call_direct.cpp
    bool mayPassBy() const;
    bool findsOther(Side from, const sdp::Media& offered) const;
    bool waits(Side side, const sdp::Media& offered) const;
    Result<std::string> passOffer(Side from, const std::string& offer);
    bool retryThroughRelay(Leg& leg);

    // call_hold.cpp
    bool waitsWithMusic(Side side) const;
    std::string offeredTo(Side side, const std::string& offer, std::string passed) const;
    std::string answeredTo(Side side, const std::string& offer, const std::string& answer,
                           std::string passed) const;
    void playHoldMusic();
    void startHoldMusic(const HoldMusic::Plan& plan);

    // call_mark.cpp
    void tellTan();
    void tellRecorded() const;
    void listenForKeys();

    // call_recall.cpp
    bool isRecall() const;
    void tellFailed(int status) const;
    void moveTranscript(Side changed);

    // call_recording.cpp
    void startTranscript();
    void restartTranscript();
    void missTranscript();
    void endTranscript(Side by);
    void settleRecording();
    bool isKeptBack() const;
    bool isCopied() const;
    void keepTranscript();
    bool mayBeKeptBehind(const Transfer& transfer) const;
    void tapMedia();
    void closeTag();
    bool wants(Side side, const CallParty& party) const;
    bool calleeWants() const;
    bool isArchived() const;
    std::optional<CallTranscript::Roles> roles() const;
    bool isArchivedBehind(const Transfer& transfer) const;
    bool mayBeWanted() const;
    std::vector<relay::TapTarget> targetsOf(Side side, const CallParty& party, const sip::Source& at) const;
    std::vector<relay::TapTarget> recordTargets() const;

    // call_pick_up.cpp
    std::unique_ptr<Leg> callingLeg(std::unique_ptr<sip::Session> session, const sip::InviteRequest& request,
                                    CallParty owner, Side side);
    void offerToPicker(Leg& leg);
    bool isTargetRinging() const;
    bool pickUpTransfer(std::unique_ptr<sip::Session>& session, const sip::InviteRequest& request,
                        CallParty picker);

    // call_info.cpp
    void onInfo(Leg& leg, const std::string& type, const std::string& body);
    bool pressAsEvent(const Leg& to, const KeyInfo& key);

    // call_replace.cpp
    void giveBack(const sip::Reply& reply);

    // call_transfer.cpp
    void onRefer(Leg& leg, const sip::ReferRequest& request);
    void transferBlind(Leg& by, const std::string& dialled);
    std::string openTransferMedia(Transfer& transfer, const sip::Source& there,
                                  std::optional<CallMedia::Terms> terms = {},
                                  std::optional<CallMedia::Origin> origin = {});
    void transferTo(Leg& by, const sip::DialogId& dialog);
    void takeRinging(Transfer& transfer, Call& other);
    bool takeConnected(Transfer& transfer, Call& other, Side side);
    bool onTransferReply(Leg& leg, const sip::Reply& reply);
    void onTargetReply(Leg& leg, const sip::Reply& reply);
    void onStayerReply(const sip::Reply& reply);
    bool isGlare(const Leg& leg, int status);
    void offerAgain(TimePoint now);
    void targetAnswered(const std::string& sdp);
    void targetRefused(Leg& leg, int status);
    void failTransfer(int status);
    void finishTransfer(const std::string& stayerSdp);
    bool onTransferEnded(Leg& leg);
    void ringTargets(Transfer& transfer, const std::vector<CalledDevice>& devices, const std::string& offer);
    void recordTarget(Transfer& transfer, const CallParty& owner);
    void recordTransfer(Transfer& transfer);
    void dropSecondRecord(int cause);
    void continueTranscript(std::chrono::seconds rang);
    void tellPeers() const;

    const CallEnvironment& m_environment;
    Plan m_plan;
    sip::InviteRequest m_request;
    std::string m_guid;
    std::uint64_t m_tag = 0; ///< of the relay's copies
    bool m_paused = false;
    bool m_wantedBefore = false; ///< recorded, whoever it rings now
    bool m_staysHere = false;    ///< its media, for past the exchange it found no way
    bool m_keysHeard = false;    ///< copied under the tag
    unsigned m_part = 1;         ///< of the recordings
    UtcTime m_since{};
    std::optional<UtcTime> m_answeredAt;
    State m_state = State::Calling;
    std::unique_ptr<Leg> m_caller;
    std::unique_ptr<Leg> m_callee;            ///< once it has answered
    Legs m_ringing;                           ///< devices until then
    std::vector<sip::Diversion> m_diversions; ///< of whom it rings, the newest first
    std::unique_ptr<CallMedia> m_media;
    std::unique_ptr<HoldMusic> m_music;     ///< goes by m_media
    std::array<std::string, 2> m_described; ///< the last description that each side has sent
    std::unique_ptr<CallTranscript> m_transcript;
    std::array<KeyBuffer, 2> m_keys;
    std::optional<std::pair<Side, std::string>> m_tan; ///< of this talk, and who has given it
    std::array<bool, 2> m_marked{};                    ///< its recording, by each side
    std::array<std::optional<bool>, 2> m_switched;     ///< what each side has said that it wants
    std::array<LegId, 2> m_records{};                  ///< call data records of the sides
    std::map<std::string, LegId> m_ringingRecords;     ///< by name of whom it rings
    std::optional<Exchange> m_exchange;
    std::unique_ptr<Transfer> m_transfer;
    Legs m_leaving; ///< handed their calls over and shall hang up
    int m_bestRefusal = 0;
    bool m_rang = false;
    TimePoint m_ringsSince{};
};

} // namespace sr::pbx
