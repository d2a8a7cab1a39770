// SPDX-License-Identifier: GPL-3.0-or-later
// Asking somebody again and again by OPTIONS whether he is there (RFC 3261 11): a gateway that does not
// register. Knows no sockets: requests go to an OptionsSender.
#pragma once

#include "core/base/clock.h"
#include "core/sip/sip_types.h"

#include <functional>

namespace sr::sip {

struct OptionsReply {
    int status = 0;   ///< 200 to 699; 408 and 503 also where nobody answered
    Source peer = {}; ///< who answered; all zeros where nobody did
};

/// A request without its answer. Its end means that nobody waits for the answer any more.
class PendingOptions {
public:
    virtual ~PendingOptions() = default;
    /// Why no answer will come, for people; empty: one may. Asked now and then.
    virtual std::string trouble() const { return {}; }
};

/// Control thread.
class OptionsSender {
public:
    virtual ~OptionsSender() = default;
    /// The way to `host` (`host`, `host:port`, `[v6]` or `[v6]:port`) without looking a name up; nothing: it
    /// is a name, or we listen on nothing from which it could be reached.
    virtual std::optional<Source> wayTo(const std::string& host, Transport transport) const = 0;
    /// `answered` is called once, later, on the control thread, and may end the request it is about. Null: we
    /// listen on nothing from which it could be sent, or the host is none.
    virtual std::unique_ptr<PendingOptions>
    sendOptions(const std::string& host, Transport transport,
                std::function<void(const OptionsReply& reply)> answered) = 0;
};

struct KeepAliveOptions {
    std::string host; ///< as OptionsSender has it
    Transport transport = Transport::Udp;
    bool asks = true; ///< else it is never asked, and never Gone
    bool operator==(const KeepAliveOptions&) const = default;
};

enum class KeepAliveState : std::uint8_t {
    Unknown, ///< not asked yet, or never
    There,   ///< it answers, whatever it answers
    Gone,    ///< it does not, or with 503: it is out of order
};

struct KeepAliveStatus {
    KeepAliveState state = KeepAliveState::Unknown;
    int failure = 0;              ///< of Gone: 408 or 503
    std::optional<Source> peer{}; ///< where it is; nothing: a name that nobody has answered for yet
    std::string trouble{};        ///< of `failure`, for people: what is known besides; empty: nothing
    bool isAsked = true;          ///< as KeepAliveOptions::asks
};

/// Called on the control thread, when the state changes. A KeepAlive may be destroyed inside any of them.
class KeepAliveEvents {
public:
    virtual ~KeepAliveEvents() = default;
    virtual void onThere(const KeepAliveStatus& status) = 0;
    virtual void onGone(const KeepAliveStatus& status) = 0;
};

/// Control thread.
class KeepAlive {
public:
    /// Begins with the first tick(). All of these outlive it.
    KeepAlive(KeepAliveOptions options, OptionsSender& sender, const Clock& clock, KeepAliveEvents& events);

    /// Once a second.
    void tick();
    const KeepAliveStatus& status() const { return m_status; }
    const KeepAliveOptions& options() const { return m_options; }

private:
    using TimePoint = std::chrono::steady_clock::time_point;
    void ask();
    void take(const OptionsReply& reply, std::string trouble = {});

    KeepAliveOptions m_options;
    OptionsSender& m_sender;
    const Clock& m_clock;
    KeepAliveEvents& m_events;
    KeepAliveStatus m_status;
    std::unique_ptr<PendingOptions> m_pending;
    TimePoint m_patienceEnds{}; ///< of m_pending
    TimePoint m_next;           ///< when it is asked again
};

} // namespace sr::sip
