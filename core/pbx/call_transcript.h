// SPDX-License-Identifier: GPL-3.0-or-later
// The signalling of one recorded call as a single plain dialog, whatever forks, keys and addresses it really
// had.
#pragma once

#include "core/relay/call_tap.h"
#include "core/relay/relay.h"
#include "core/sip/sip_types.h"

#include <string_view>

namespace sr::pbx {

/// One call, control thread.
class CallTranscript {
public:
    struct Device {
        sip::NameAddress who;
        Endpoint signalling;
        bool machine = false; ///< answers until somebody follows it
    };
    /// `guid`: of the conference, 32 hex digits; names the recording.
    /// `part`: 1, or more for what comes behind a transfer, a dialog of its own.
    /// `dialog`: with an id if others than the archive may want the call.
    CallTranscript(relay::CallTap& tap, std::string guid, unsigned part, Device caller, Device callee,
                   relay::TapDialog dialog = {});
    ~CallTranscript();
    CallTranscript(const CallTranscript&) = delete;
    CallTranscript& operator=(const CallTranscript&) = delete;

    struct Roles {
        relay::Side internal;
        relay::Side owner; ///< of the recording
    };
    /// From the next message on. Nothing: the numbers have to tell.
    void setRoles(std::optional<Roles> roles)
    {
        m_roles = roles;
        m_rolesSaid = m_rolesSaid || roles;
    }
    // Descriptions are those in the clear.
    void invited(UtcTime now, std::string_view offer);
    void ringing(UtcTime now);
    void answered(UtcTime now, std::string_view answer);
    void reoffered(UtcTime now, relay::Side by, std::string_view offer, std::string_view answer);
    /// Another callee in place of a machine; it rang for so long before, and offers.
    void followed(UtcTime now, const Device& next, std::chrono::seconds rang, std::string_view offer,
                  std::string_view answer);
    void refused(UtcTime now, int status);
    /// Between these two nothing that is said is kept: an INFO (RFC 6086) that marks the place.
    void paused(UtcTime now);
    void resumed(UtcTime now);
    /// Six digits that somebody in the call has typed for it: an INFO (RFC 6086) with a header of ours.
    void tan(UtcTime now, relay::Side by, std::string_view digits);
    /// Somebody in the call wants it to be kept: such an INFO, too.
    void marked(UtcTime now, relay::Side by);
    void ended(UtcTime now, relay::Side by);
    const std::string& callId() const { return m_callId; }
    bool isArchived() const { return m_dialog.archived && !m_provisional; }
    bool isWanted() const { return m_wanted; } ///< beside the archive
    /// Before invited(): the archive gets it, but forgets it unless keep() comes. With an id of its dialog.
    void setProvisional() { m_provisional = true; }
    bool isProvisional() const { return m_provisional; }
    /// For the archive, too; from the beginning. Does nothing unless it is provisional, nor does drop().
    void keep(UtcTime now);
    /// Ends it for the archive; who else wants it goes on to get it.
    void drop(UtcTime now, relay::Side by);
    /// Once it is answered: who wants it beside the archive, and under which tag its media is copied. False:
    /// nobody does or did, nor the archive.
    bool want(std::uint64_t tag, std::vector<relay::TapTarget> by);

private:
    static std::string machineContact(const Device& device);
    void request(UtcTime now, relay::Side by, std::string_view method, std::string_view sdp,
                 std::string_view more = {});
    void response(UtcTime now, relay::Side by, int status, std::string_view phrase, std::string_view sdp,
                  std::string_view more = {});
    std::string headers(relay::Side asker, std::string_view method) const;
    void send(UtcTime now, relay::Side by, std::string text, std::string_view sdp);
    const Device& device(relay::Side side) const { return side == relay::Side::Caller ? m_caller : m_callee; }
    std::string address(relay::Side side) const;

    relay::CallTap& m_tap;
    std::string m_guid;
    std::string m_callId;
    Device m_caller;
    Device m_callee;
    relay::TapDialog m_dialog;
    std::optional<Roles> m_roles;
    bool m_rolesSaid = false;
    bool m_wanted = false;
    bool m_provisional = false;
    bool m_answered = false;
    unsigned m_sequence = 1; ///< CSeq
};

} // namespace sr::pbx
