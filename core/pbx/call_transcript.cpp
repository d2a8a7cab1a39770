// SPDX-License-Identifier: GPL-3.0-or-later
// RFC 3261 messages with only what a reader of calls needs of them.
#include "core/pbx/call_transcript.h"

#include "core/sip/name_address.h"

#include <utility>

namespace sr::pbx {

using relay::Side;

CallTranscript::CallTranscript(relay::CallTap& tap, std::string guid, unsigned part, Device caller,
                               Device callee, relay::TapDialog dialog)
    : m_tap(tap)
    , m_guid(std::move(guid))
    , m_callId(m_guid + "-" + std::to_string(part) + "@switchroom")
    , m_caller(std::move(caller))
    , m_callee(std::move(callee))
    , m_dialog(std::move(dialog))
{
    if (m_dialog.id != 0)
        m_tap.begins(m_dialog);
}

CallTranscript::~CallTranscript()
{
    if (m_dialog.id != 0)
        m_tap.ends(m_dialog.id);
}

bool CallTranscript::want(std::uint64_t tag, std::vector<relay::TapTarget> by)
{
    if (m_dialog.id == 0)
        return true;
    m_wanted = m_wanted || !by.empty();
    if (!m_wanted)
        return m_dialog.archived;
    m_tap.wanted(m_dialog.id, tag, std::move(by));
    return true;
}

std::string CallTranscript::address(Side side) const
{
    std::string out = sip::addressText(device(side).who);
    if (side == Side::Caller)
        return out + ";tag=caller-" + m_guid;
    return m_answered ? out + ";tag=callee-" + m_guid : out;
}

std::string CallTranscript::headers(Side asker, std::string_view method) const
{
    const Side asked = asker == Side::Caller ? Side::Callee : Side::Caller;
    std::string out = "Via: SIP/2.0/UDP " + device(asker).signalling.toString() + ";branch=z9hG4bK" + m_guid +
                      std::to_string(m_sequence) + "\r\n";
    out += "From: " + address(asker) + "\r\nTo: " + address(asked) + "\r\n";
    out += "Call-ID: " + m_callId + "\r\n";
    out += "CSeq: " + std::to_string(m_sequence) + " " + std::string(method) + "\r\n";
    const auto say = [&](const char* header, Side Roles::*role) {
        const char* const name = !m_roles ? "none" : (*m_roles).*role == Side::Caller ? "caller" : "callee";
        out.append(header).append(": ").append(name).append("\r\n");
    };
    if (m_rolesSaid) {
        say("Switchroom-Internal", &Roles::internal);
        say("Switchroom-Owner", &Roles::owner);
    }
    return out + "Conf-ID: " + m_guid + "\r\n";
}

void CallTranscript::send(UtcTime now, Side by, std::string text, std::string_view sdp)
{
    if (!sdp.empty())
        text += "Content-Type: application/sdp\r\n";
    text += "Content-Length: " + std::to_string(sdp.size()) + "\r\n\r\n";
    text += sdp;
    const Side to = by == Side::Caller ? Side::Callee : Side::Caller;
    m_tap.message({now, device(by).signalling, device(to).signalling, std::move(text), m_dialog.id});
}

/// RFC 3840 10.14.
std::string CallTranscript::machineContact(const Device& device)
{
    const sip::NameAddress contact{{}, device.who.user, device.who.host};
    return device.machine ? "Contact: " + sip::addressText(contact) + ";automata\r\n" : std::string();
}

void CallTranscript::request(UtcTime now, Side by, std::string_view method, std::string_view sdp,
                             std::string_view more)
{
    const Side to = by == Side::Caller ? Side::Callee : Side::Caller;
    const sip::NameAddress target{{}, device(to).who.user, device(to).who.host};
    const std::string uri = sip::addressText(target);
    std::string text = std::string(method) + " " + uri.substr(1, uri.size() - 2) + " SIP/2.0\r\n";
    send(now, by, text.append(headers(by, method)).append(more), sdp);
}

void CallTranscript::response(UtcTime now, Side by, int status, std::string_view phrase, std::string_view sdp,
                              std::string_view more)
{
    const Side asker = by == Side::Caller ? Side::Callee : Side::Caller;
    std::string text = "SIP/2.0 " + std::to_string(status) + " " + std::string(phrase) + "\r\n";
    send(now, by, text.append(headers(asker, "INVITE")).append(more), sdp);
}

void CallTranscript::invited(UtcTime now, std::string_view offer)
{
    request(now, Side::Caller, "INVITE", offer,
            m_provisional ? "Switchroom-Recording: provisional\r\n" : std::string_view());
}

void CallTranscript::ringing(UtcTime now)
{
    response(now, Side::Callee, 180, "Ringing", {});
}

void CallTranscript::answered(UtcTime now, std::string_view answer)
{
    m_answered = true;
    response(now, Side::Callee, 200, "OK", answer, machineContact(m_callee));
    request(now, Side::Caller, "ACK", {});
}

void CallTranscript::reoffered(UtcTime now, Side by, std::string_view offer, std::string_view answer)
{
    ++m_sequence;
    request(now, by, "INVITE", offer);
    response(now, by == Side::Caller ? Side::Callee : Side::Caller, 200, "OK", answer);
    request(now, by, "ACK", {});
}

/// What CallTracker takes for the callee from then on.
void CallTranscript::followed(UtcTime now, const Device& next, std::chrono::seconds rang,
                              std::string_view offer, std::string_view answer)
{
    ++m_sequence;
    request(now, Side::Callee, "INVITE", offer,
            "P-Asserted-Identity: " + sip::addressText(next.who) +
                "\r\nSwitchroom-Alert: " + std::to_string(rang.count()) + "\r\n" + machineContact(next));
    response(now, Side::Caller, 200, "OK", answer);
    request(now, Side::Callee, "ACK", {});
}

void CallTranscript::refused(UtcTime now, int status)
{
    response(now, Side::Callee, status, "Refused", {});
    request(now, Side::Caller, "ACK", {});
}

void CallTranscript::paused(UtcTime now)
{
    ++m_sequence;
    request(now, Side::Caller, "INFO", {}, "Switchroom-Recording: paused\r\n");
}

void CallTranscript::resumed(UtcTime now)
{
    ++m_sequence;
    request(now, Side::Caller, "INFO", {}, "Switchroom-Recording: resumed\r\n");
}

void CallTranscript::keep(UtcTime now)
{
    if (!std::exchange(m_provisional, false))
        return;
    ++m_sequence;
    request(now, Side::Caller, "INFO", {}, "Switchroom-Recording: kept\r\n");
}

void CallTranscript::drop(UtcTime now, Side by)
{
    if (!std::exchange(m_provisional, false))
        return;
    const std::uint64_t id = std::exchange(m_dialog.id, 0); // others shall not take it for the end
    ended(now, by);
    m_dialog.id = id;
    m_dialog.archived = false;
    m_tap.begins(m_dialog);
}

/// The recorder reads it in call_facts.cpp.
void CallTranscript::tan(UtcTime now, Side by, std::string_view digits)
{
    ++m_sequence;
    request(now, by, "INFO", {}, "Switchroom-Tan: " + std::string(digits) + "\r\n");
}

void CallTranscript::marked(UtcTime now, Side by)
{
    ++m_sequence;
    request(now, by, "INFO", {}, "Switchroom-Recording: marked\r\n");
}

void CallTranscript::ended(UtcTime now, Side by)
{
    ++m_sequence;
    request(now, by, "BYE", {});
}

} // namespace sr::pbx
