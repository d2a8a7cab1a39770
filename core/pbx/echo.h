// SPDX-License-Identifier: GPL-3.0-or-later
// A service that says what it hears: `service:echo`, for tests of phones and networks.
#pragma once

#include "core/pbx/local_call.h"

#include <list>

namespace sr::pbx {

/// Control thread.
class Echo final : public LocalApplication {
public:
    void onCall(std::unique_ptr<LocalCall> call) override
    {
        if (!call->answer())
            return; // it has been refused
        if (!call->setEcho(true))
            return call->hangUp();
        m_calls.push_back(std::move(call));
        LocalCallEvents events;
        events.ended = [this, at = std::prev(m_calls.end())](int) { m_calls.erase(at); };
        m_calls.back()->setEvents(std::move(events));
    }
    std::size_t calls() const { return m_calls.size(); }

private:
    std::list<std::unique_ptr<LocalCall>> m_calls;
};

} // namespace sr::pbx
