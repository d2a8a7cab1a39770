// SPDX-License-Identifier: GPL-3.0-or-later
// Asks the handler about every new request before Sofia keeps anything of it. Internal to core/sip.
//
// Sofia answers each request by a transaction, 8 kB for 32 seconds, whatever the answer is; so a flood of
// requests that are all refused still fills the memory. Who is not let in here leaves nothing behind. OPTIONS
// by UDP, by which phones and trunks ask whether we are there, and REGISTER, which each phone repeats every
// minute or so, are answered on the spot.
#pragma once

#include "core/base/endpoint.h"
#include "core/sip/recent_table.h"
#include "core/sip/sip_types.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

extern "C" {
struct msg_mclass_s;
struct msg_s;
struct sip_s;
}

namespace sr::sip {

class RequestHandler;

/// That have come to the doors of this thread so far, with all their headers.
std::uint64_t messagesHeard();

/// One listener's. Made, used and destroyed on the control thread, the latter when its messages are gone.
class Door {
public:
    /// `handler` outlives it.
    explicit Door(RequestHandler& handler);
    ~Door();
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    const msg_mclass_s* messageClass() const; ///< for NTATAG_MCLASS
    using Registrar = std::function<RegisterAnswer(RegisterRequest&& request)>;
    /// From now on OPTIONS and REGISTER by UDP are answered from `here`, where Sofia listens, with `headers`,
    /// each with its line end. Where the system does not show Sofia's socket, Sofia goes on answering, as it
    /// does by streams.
    void answerFrom(const Endpoint& here, std::string headers, Registrar registers);

    /// Hears of each answer 100, of which Sofia says nothing. (If told to it does, and loses the message:
    /// NTATAG_PASS_100 costs 3 kB a call, in 1.13.17 too.)
    void onTrying(std::function<void(const char* callId)> hears) { m_trying = std::move(hears); }

    /// With the headers all there: whether Sofia shall see the request.
    bool passes(const msg_s* message, const sip_s& sip);
    void note(const sip_s& response) const; ///< likewise
    void noteUnreadable(const msg_s* message) const;

private:
    struct Free {
        void operator()(msg_mclass_s* made) const;
    };
    bool answers(const msg_s* message, const sip_s& sip);
    std::string answerTo(const msg_s* message, const sip_s& sip, const std::string& returned);

    RequestHandler& m_handler;
    std::unique_ptr<msg_mclass_s, Free> m_class;
    int m_socket;
    std::string m_headers;
    Registrar m_registers;
    struct Said {
        std::string answer;
        std::chrono::steady_clock::time_point when;
    };
    using Table = RecentTable<std::string, Said>;
    /// By the headers that were returned: a REGISTER that comes again is not another one (RFC 3261 17.2.2).
    Table m_granted;
    Table m_refused; ///< of those that had credentials; apart, so that guesses displace no grants
    std::function<void(const char*)> m_trying;
};

} // namespace sr::sip
