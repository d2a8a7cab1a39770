// SPDX-License-Identifier: GPL-3.0-or-later
// Asks the handler about every new request before Sofia keeps anything of it. Internal to core/sip.
//
// Sofia answers each request by a transaction, 8 kB for 32 seconds, whatever the answer is; so a flood of
// requests that are all refused still fills the memory. Who is not let in here leaves nothing behind, nor do
// OPTIONS by UDP, by which phones and trunks ask whether we are there: they are answered on the spot.
#pragma once

#include "core/base/endpoint.h"

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

/// One listener's. Made, used and destroyed on the control thread, the latter when its messages are gone.
class Door {
public:
    /// `handler` outlives it.
    explicit Door(RequestHandler& handler);
    ~Door();
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    const msg_mclass_s* messageClass() const; ///< for NTATAG_MCLASS
    /// From now on OPTIONS by UDP are answered from `here`, where Sofia listens, with `headers`, each with
    /// its line end. Where the system does not show Sofia's socket, Sofia goes on answering.
    void answerOptions(const Endpoint& here, std::string headers);

    /// Hears of each answer 100, of which Sofia says nothing. (If told to it does, and loses the message:
    /// NTATAG_PASS_100 costs 3 kB a call, in 1.13.17 too.)
    void onTrying(std::function<void(const char* callId)> hears) { m_trying = std::move(hears); }

    /// With the headers all there: whether Sofia shall see the request.
    bool passes(const msg_s* message, const sip_s& sip) const;
    void note(const sip_s& response) const; ///< likewise

private:
    struct Free {
        void operator()(msg_mclass_s* made) const;
    };
    bool answers(const msg_s* message, const sip_s& sip) const;

    RequestHandler& m_handler;
    std::unique_ptr<msg_mclass_s, Free> m_class;
    int m_socket;
    std::string m_headers;
    std::function<void(const char*)> m_trying;
};

} // namespace sr::sip
