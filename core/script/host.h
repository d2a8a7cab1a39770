// SPDX-License-Identifier: GPL-3.0-or-later
// What a running script asks of the exchange. A request carries a number and is answered by Script::answer(),
// at once or later; nothing here may block, for scripts run on the control thread.
#pragma once

#include "core/base/clock.h"
#include "core/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sr::script {

using RequestId = std::uint64_t;

/// How a request went. What fields hold is said at the request; the rest of them stays as it is here.
struct Answer {
    enum class Code {
        Done,
        Missing, ///< no such file, object, user, recording or call
        Exists,  ///< the name is taken
        Refused, ///< the name, the URL or the wish is not allowed; the other party did not take the call
        Failed,  ///< anything else
    };
    Code code = Code::Done;
    std::string text;
    int seconds = 0;
    std::optional<UtcTime> modified;
};

/// The call that runs the script. Texts are empty where there is nothing.
struct CallInfo {
    std::string cgpn; ///< number of the caller, of a call from outside with the prefix of its trunk
    std::string cdpn; ///< number called
    std::string leg2; ///< number of the diverting party
    std::string leg2Reason;
    int leg2Count = 0;   ///< diversions
    std::string ctlCall; ///< what the reference has there is not known
    std::string h323;    ///< name of the diverting object
    std::string confId;  ///< conference GUID
    std::string callingName;
};

struct Sound {
    enum class Kind {
        File, ///< `name`, relative to the script; without extension the host adds that of a codec the call
              ///< has
        Tone, ///< a ringback tone
        MusicOnHold,
    };
    Kind kind = Kind::File;
    std::string name;
};

/// Sounds one behind the other; none: silence.
struct PromptRequest {
    std::vector<Sound> sounds;
    int times = 1;                              ///< the whole list; 0: until it is cancelled
    std::optional<std::chrono::seconds> most{}; ///< ends after it, sound or not
};

struct RecordRequest {
    std::string name; ///< relative to the script; a file that must not be there yet
    std::chrono::seconds most{};
    std::chrono::seconds silence{}; ///< ends after so much of it; 0: does not
};

/// Where a call goes; one of both.
struct Destination {
    std::string e164;
    std::string name;
};

enum class ObjectQuery {
    ForwardAlways,     ///< `cfu`
    ForwardNoResponse, ///< `cfnr`
};

/// A file of the script's own folder. Names are checked (storage_path.h).
struct StoreRequest {
    enum class Verb {
        Read,       ///< answers `text`
        Write,      ///< puts `text`, making the folders that lead to it
        Locate,     ///< answers in `text` what a prompt plays; Missing
        Stat,       ///< answers `modified`; Missing
        MakeFolder, ///< Done or Exists
        Remove,     ///< a file or an empty folder; Done even if nothing was there
    };
    Verb verb = Verb::Read;
    std::string name;
    std::string text;
};

struct CivilTime {
    int year = 0;
    int month = 0; ///< from 1
    int day = 0;   ///< from 1
    int hour = 0;
    int minute = 0;
};

/// Control thread. May answer inside the request. Must outlive the script.
class Host {
public:
    virtual ~Host() = default;

    // -- what the call hears: one thing at a time, which the script sees to
    virtual void play(RequestId id, const PromptRequest& prompt) = 0; ///< a file that is not there is silence
    virtual void
    record(RequestId id,
           const RecordRequest& request) = 0; ///< answers `seconds`; Exists, or Failed, which leaves no file
    virtual void stopRecording(RequestId id) = 0; ///< it answers now; so it does when the call ends
    /// Ends a prompt, a forward or a timer, without an answer; fine if it is over.
    virtual void cancel(RequestId id) = 0;
    virtual void transfer(RequestId id, const Destination& to) = 0;  ///< Done: the call has left the script
    virtual void forward(RequestId id, const std::string& e164) = 0; ///< answers when taken (Done) or Refused
    virtual void disconnect(int cause) = 0;                          ///< cause of Q.850

    // -- what the exchange knows
    virtual CallInfo callInfo() const = 0; ///< of now; Script::callInfoChanged() says that it has changed
    virtual void query(RequestId id, const std::string& name, ObjectQuery what) = 0; ///< answers `text`
    virtual void findUser(RequestId id, const std::string& e164) = 0; ///< answers `text`; Missing
    virtual void message(const std::string& cgpn, const std::string& e164, const std::string& text) = 0;
    virtual void waitingLamp(const std::string& e164, int fresh, int old) = 0; ///< RFC 3842

    // -- recordings of the caller
    /// Marks the call the caller is in, else the last: `text` is `running` or `last`; Missing. Repeats are
    /// harmless.
    virtual void mark(RequestId id) = 0;
    virtual void tan(RequestId id,
                     const std::string& sixDigits) = 0; ///< of the running call; Missing, Refused
    virtual void lastRecording(RequestId id) = 0;       ///< answers in `text` what a prompt plays; Missing

    // -- files, time, log
    virtual void store(RequestId id, const StoreRequest& request) = 0;
    virtual void fetch(RequestId id, const std::string& url) = 0; ///< answers `text`; relative to the script
    virtual void timer(RequestId id, std::chrono::milliseconds after) = 0;
    virtual UtcTime now() const = 0;
    virtual CivilTime civil(UtcTime time) const = 0; ///< in the time zone of the exchange
    virtual void note(std::string_view line) = 0;    ///< for the log
    /// Once, the last word of the script: it ended by itself or with its call, or by an error. The script
    /// must not be destroyed in here.
    virtual void ended(const Status& how) = 0;
};

} // namespace sr::script
