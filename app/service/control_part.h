// SPDX-License-Identifier: GPL-3.0-or-later
// The control socket as a part of the service: what the other parts tell, asked by switchroomctl.
//
//     {"do":"status"}                         the fields of `switchroomctl status --json`
//     {"do":"calls"}                          {"calls":[{id,from,to,since,answered,recording,paused}],
//                                             "total":N}
//     {"do":"recording","call":ID,"action":"pause"}   {"done":"yes"}, or "no-call", "not-possible": of a
//                                             call of the exchange. pause, resume, start, stop; start and
//                                             stop where a user in it has the switch. Only of an exchange
//     {"do":"registrations","of":"anna"}      {"registrations":[{user,number,contact,source,transport,
//                                             userAgent,secondsLeft}],"total":N}; `of` (name or number) may
//                                             be left out
//     {"do":"resetAlarm"}                     {"reset":true}: the software lamp, which stays red, is green
//     {"do":"trace","on":true}                {"on","file","messages","lost","error"}: SIP messages go to
//     that file;
//                                             `on` may be left out, `error` may be missing. Only of an
//                                             exchange
//     {"do":"reset","when":"idle"}            {"waits":true}: the parts of the service start anew, once no
//     call runs;
//                                             without `when` at once
// Lists hold kMostRows rows at most, `total` counts all.
#pragma once

#include "app/control/control_server.h"
#include "app/control/service_rows.h"
#include "app/exchange/exchange_part.h"
#include "app/service/capture_part.h"

namespace sr::service {

inline constexpr std::size_t kMostRows = 1000;

/// Calls of a part, asked on the main thread. `done` may be called on any thread, at once or later, once; if
/// never, because the part ends, the asker is told that the service is busy.
using CallSource = std::function<void(std::function<void(std::vector<control::CallRow>)> done)>;

/// Main thread. The parts outlive it.
class ControlPart {
public:
    using Say = std::function<void(const std::string&)>;
    struct Parts {
        Path archiveRoot;
        const CapturePart* capture = nullptr;       ///< null: this machine captures nothing
        exchange::ExchangePart* exchange = nullptr; ///< null: it is no exchange
        std::function<void()> restart = {}; ///< of all parts; none: it cannot. Main thread, returns at once
    };
    /// `clock` outlives it. Errors: as control::ControlServer::start(), which asks for the service's lock.
    static Result<std::unique_ptr<ControlPart>> start(const Path& configDir, Parts parts, const Clock& clock,
                                                      Say say);
    ~ControlPart();
    ControlPart(const ControlPart&) = delete;
    ControlPart& operator=(const ControlPart&) = delete;

    void addCalls(CallSource source);
    /// For commands of other parts.
    control::ControlServer& server();

private:
    class Impl;
    explicit ControlPart(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> m_impl; ///< answers of other threads find out whether it is still there
};

} // namespace sr::service
