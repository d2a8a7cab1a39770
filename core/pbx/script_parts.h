// SPDX-License-Identifier: GPL-3.0-or-later
// What scripts reach beyond their call, as the program gives it.
#pragma once

#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/media/sound.h"
#include "core/pbx/local_time.h"
#include "core/script/host.h"

#include <functional>

namespace sr::pbx {

/// A text to the devices of a user (RFC 3428).
struct ScriptMessage {
    std::string object; ///< name of the one whose script sends it
    std::string number; ///< whom it shall seem to be from
    std::string to;     ///< name
    std::string text;   ///< UTF-8
};

/// All may be empty. Those without another word are called on the control thread and may not wait.
struct ScriptParts {
    Path folder; ///< scripts of this exchange, and what they store; usually `<config>/scripts`
    Path shared; ///< scripts and prompts that come along; never written to
    std::function<void(const std::string& line)> say; ///< troubles, and what objects with `trace` do

    UtcOffset utcOffset = {}; ///< for what scripts and booleans know of the time
    /// How many messages wait for the user of that name (RFC 3842).
    std::function<void(const std::string& user, std::uint32_t fresh, std::uint32_t old)> onMailbox;
    std::function<void(const ScriptMessage& message)> sendMessage;
    using Done = std::function<void(script::Answer)>; ///< on the control thread, at once or later
    /// As script::Host::mark(), of the user of that name.
    std::function<void(const std::string& user, Done done)> markCall;
    /// A recording that has ended, and may not be in the archive yet; what markCall comes to then.
    struct Mark {
        std::string guid;
        std::string callId; ///< of the recording: of several with that guid the one that is meant
        bool byCaller = false;
        UtcTime time{};
    };
    std::function<void(const Mark& mark, std::function<void(const Status&)> done)> markRecorded;
    /// As script::Host::tan(), of the user of that name.
    std::function<void(const std::string& user, const std::string& digits, Done done)> tanOfCall;
    /// The newest recording of a user's number, in memory, for it is secret; `isScript` tells the numbers
    /// whose calls do not count, such as the one that asks. On a worker's thread, may wait. Errors:
    /// BaseErrc::NotFound if there is none.
    using NumberTest = std::function<bool(const std::string& number)>;
    std::function<Result<media::SoundPtr>(const std::string& number, const NumberTest& isScript)>
        lastRecording;
};

} // namespace sr::pbx
