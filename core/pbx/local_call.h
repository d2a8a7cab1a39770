// SPDX-License-Identifier: GPL-3.0-or-later
// A call as seen by a phone inside the exchange: what an application answers, or what a script calls.
#pragma once

#include "core/media/media_server.h"
#include "core/pbx/service_uri.h"
#include "core/sip/sip_types.h"

#include <functional>
#include <memory>

namespace sr::pbx {

class LocalLine;

/// Who calls whom. Of a call that has come `from`, the guid and `caller` of the service are those of who
/// talks now, whoever has called; the rest stays as it was.
struct LocalCallInfo {
    sip::NameAddress from;
    sip::NameAddress to;
    std::string conferenceGuid; ///< 32 hex digits; empty for a call that was placed here
    ServiceUri service;         ///< what was called; without a name for a call that was placed here
    std::vector<sip::Diversion> diversions = {}; ///< who sent it here, the newest first
};

/// Control thread, never inside a call to LocalCall. Any may be empty; each may destroy the call.
struct LocalCallEvents {
    /// Of a placed call: 180, 183 and at last 200.
    std::function<void(int status)> progress;
    std::function<void(bool held)> held; ///< the far side hears nothing, or hears again
    std::function<void(media::PlayEnd)> played;
    std::function<void(char symbol, std::chrono::milliseconds length)> digit; ///< RFC 4733 or SIP INFO
    std::function<void(const media::Recorded&)> recorded;
    /// What becomes of a transfer: 202 it is under way, below 200 the target rings, then 200 or a refusal.
    /// After 200 the call ends.
    std::function<void(int status)> transferred;
    std::function<void()> callerChanged; ///< info() names another one, or another conference
    /// Not by us: 200 after an answer, 487 cancelled, else why a placed call failed. Nothing follows but the
    /// end of a recording.
    std::function<void(int status)> ended;
};

/// Control thread. Its end hangs up.
class LocalCall {
public:
    static constexpr int kUnavailable = 480;

    explicit LocalCall(std::shared_ptr<LocalLine> line);
    ~LocalCall();
    LocalCall(const LocalCall&) = delete;
    LocalCall& operator=(const LocalCall&) = delete;

    const LocalCallInfo& info() const;
    void setEvents(LocalCallEvents events);
    bool isAnswered() const;
    bool isOver() const;
    std::string codec() const; ///< `PCMA` or what else is spoken; empty: nothing was agreed on

    // Of a call that has come
    void ring(); ///< 180
    /// 183: what is played from now on is heard before an answer. NoAudio for an invitation without an offer;
    /// and as answer(), but then the call goes on.
    Status playEarly();
    /// 200. If nothing can be agreed on, the call is refused with 488: errors of sdp; of core/media and
    /// core/relay (then with 503).
    Status answer();

    // Media; before an answer it is kept. Errors: of media::Port, and of its making
    Status play(media::PlayList list);
    Status play(media::SoundPtr sound, unsigned times = 1)
    {
        return play(media::PlayList{{std::move(sound)}, times});
    }
    void stop();
    Status record(media::RecordPlan plan);
    void stopRecording();
    Status join(media::Conference& conference);
    void leave();
    Status setEcho(bool echo);
    /// A key after those that wait: by RFC 4733, to a device that does not take that by SIP INFO.
    Status press(char symbol, std::chrono::milliseconds length = std::chrono::milliseconds(100));

    /// The far side shall talk to that number; of an answered call.
    void transfer(const std::string& number);
    /// The far side shall talk to that of another call of the same user.
    void transferTo(const LocalCall& other);
    /// Before an answer with this status (300 to 699), afterwards with BYE. No event follows but the end of a
    /// recording.
    void hangUp(int status = kUnavailable);

private:
    std::shared_ptr<LocalLine> m_line;
};

/// What answers calls to a service. Outlives the dialer that it serves.
class LocalApplication {
public:
    virtual ~LocalApplication() = default;
    /// Control thread. A call that is not kept is refused.
    virtual void onCall(std::unique_ptr<LocalCall> call) = 0;
};

} // namespace sr::pbx
