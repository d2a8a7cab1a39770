// SPDX-License-Identifier: GPL-3.0-or-later
// Both ends of a call inside the exchange.
#include "core/pbx/local_line.h"

#include "core/crypto/digest.h"

#include <algorithm>

namespace sr::pbx {
namespace {

std::string randomText()
{
    return toHex(crypto::randomArray<12>());
}

} // namespace

LocalLine::LocalLine(std::shared_ptr<const LocalOffice> office, Role role, LocalCallInfo info,
                     std::string offer)
    : m_office(std::move(office))
    , m_role(role)
    , m_info(std::move(info))
    , m_dialog{randomText() + "@local", randomText(), randomText()}
    , m_offer(std::move(offer))
{}

/// Never at once: who tells is often inside a call from there.
template <typename Tell>
void LocalLine::toSession(Tell tell)
{
    m_office->post([self = shared_from_this(), tell = std::move(tell)] {
        if (self->m_session != nullptr)
            tell(*self->m_session);
    });
}

template <typename Tell>
void LocalLine::toApplication(Tell tell)
{
    m_office->post([self = shared_from_this(), tell = std::move(tell)] {
        if (const auto events = self->m_application) // lives through its own event
            tell(*events);
    });
}

/// The port posts already. Of a call that is over only its recording is told, for it may end later.
media::PortEvents LocalLine::portEvents()
{
    const auto events = [weak = weak_from_this()](bool alsoWhenOver) {
        const auto line = weak.lock();
        return line && (alsoWhenOver || !line->m_over) ? line->m_application : nullptr;
    };
    media::PortEvents out;
    out.played = [events](media::PlayEnd end) {
        if (const auto application = events(false); application && application->played)
            application->played(end);
    };
    out.digit = [events](char symbol, std::chrono::milliseconds length) {
        if (const auto application = events(false); application && application->digit)
            application->digit(symbol, length);
    };
    out.recorded = [events](const media::Recorded& recorded) {
        if (const auto application = events(true); application && application->recorded)
            application->recorded(recorded);
    };
    return out;
}

Result<LocalMedia*> LocalLine::media()
{
    if (m_over)
        return fail(media::MediaErrc::Gone, "call");
    if (!m_media) {
        auto port = m_office->media.open(m_office->address, m_office->post, portEvents());
        if (!port)
            return port.error();
        m_media = std::make_unique<LocalMedia>(std::move(*port));
    }
    return m_media.get();
}

void LocalLine::setApplication(LocalCallEvents events)
{
    m_application = std::make_shared<LocalCallEvents>(std::move(events));
}

void LocalLine::ring()
{
    if (m_role == Role::Called && !m_answered && !m_over)
        toSession([](sip::SessionEvents& session) { session.onReply({180, {}}); });
}

/// The same for a provisional and the final answer (RFC 3261 13.2.1).
Result<std::string> LocalLine::localAnswer()
{
    if (!m_answer.empty())
        return m_answer;
    auto port = media();
    if (!port)
        return port.error();
    auto text = (*port)->answer(m_offer);
    if (text)
        m_answer = *text;
    return text;
}

Status LocalLine::playEarly()
{
    if (m_role != Role::Called || m_answered || m_over)
        return {};
    if (m_offer.empty())
        return fail(sdp::SdpErrc::NoAudio, "invitation without an offer");
    auto text = localAnswer();
    if (!text)
        return text.error();
    toSession([sdp = std::move(*text)](sip::SessionEvents& session) { session.onReply({183, sdp}); });
    return {};
}

Status LocalLine::answer()
{
    if (m_role != Role::Called || m_answered || m_over)
        return {};
    auto port = media();
    if (!port) {
        hangUp(503);
        return port.error();
    }
    m_awaitsAnswer = m_offer.empty();
    auto text = m_awaitsAnswer ? Result<std::string>((*port)->offer()) : localAnswer();
    if (!text) {
        hangUp(488);
        return text.error();
    }
    m_answered = true;
    toSession([sdp = std::move(*text)](sip::SessionEvents& session) { session.onReply({200, sdp}); });
    tellHold(false);
    return {};
}

void LocalLine::refer(sip::ReferRequest request)
{
    m_refers = false;
    if (m_answered && !m_over)
        toSession([request = std::move(request)](sip::SessionEvents& session) { session.onRefer(request); });
}

void LocalLine::sendInfo(const KeyInfo& key)
{
    toSession([body = bodyOfInfo(key)](sip::SessionEvents& session) {
        session.onInfo("application/dtmf-relay", body);
    });
}

void LocalLine::hangUp(int status)
{
    if (m_over)
        return;
    const int refusal = std::clamp(status, 300, 699);
    if (m_answered || m_role == Role::Calling)
        toSession([ending = m_answered ? sip::Ending::Bye : sip::Ending::Cancelled](
                      sip::SessionEvents& session) { session.onEnded(ending); });
    else
        toSession([refusal](sip::SessionEvents& session) { session.onReply({refusal, {}}); });
    close();
}

/// The port stays for the end of its recording, while there is somebody to tell.
void LocalLine::close()
{
    m_over = true;
    if (!m_application)
        return m_media.reset();
    if (!m_media)
        return;
    media::Port& port = m_media->port();
    port.stop();
    port.setEcho(false);
    port.leave();
    port.stopRecording();
}

void LocalLine::dropApplication()
{
    m_application.reset();
    if (m_over)
        m_media.reset();
}

/// By the other end.
void LocalLine::end(int status)
{
    if (m_over)
        return;
    close();
    toApplication([status](const LocalCallEvents& events) {
        if (events.ended)
            events.ended(status);
    });
}

void LocalLine::dropSession()
{
    m_session = nullptr;
    const int unanswered = m_role == Role::Called ? 487 : LocalCall::kUnavailable;
    end(m_answered ? 200 : unanswered);
}

Status LocalLine::takeAnswer(const std::string& sdp)
{
    auto port = media();
    if (!port)
        return port.error();
    const bool before = (*port)->isHeld();
    Status status = (*port)->takeAnswer(sdp);
    tellHold(before);
    return status;
}

void LocalLine::tellHold(bool before)
{
    if (!m_media || m_media->isHeld() == before)
        return;
    toApplication([held = !before](const LocalCallEvents& events) {
        if (events.held)
            events.held(held);
    });
}

/// Call control answers a placed call.
void LocalLine::onRespond(int status, const std::string& sdp)
{
    if (m_over || m_answered || m_role == Role::Called)
        return;
    if (status >= 300)
        return end(status);
    Status taken;
    if (!sdp.empty())
        taken = takeAnswer(sdp);
    if (status >= 200) {
        m_answered = true;
        toSession([](sip::SessionEvents& session) { session.onAck({}); });
    }
    if (!taken && m_answered) {
        toSession([](sip::SessionEvents& session) { session.onEnded(sip::Ending::Bye); });
        return end(488);
    }
    toApplication([status](const LocalCallEvents& events) {
        if (events.progress)
            events.progress(status);
    });
}

void LocalLine::onAcknowledge(const std::string& sdp)
{
    if (!std::exchange(m_awaitsAnswer, false) || m_over || sdp.empty())
        return;
    if (takeAnswer(sdp))
        return;
    toSession([](sip::SessionEvents& session) { session.onEnded(sip::Ending::Bye); });
    end(200);
}

void LocalLine::onOffer(const std::string& sdp)
{
    if (m_over)
        return;
    sip::Reply reply{488, {}};
    if (auto port = media()) {
        const bool before = (*port)->isHeld();
        m_awaitsAnswer = sdp.empty();
        auto text = m_awaitsAnswer ? Result<std::string>((*port)->offer()) : (*port)->answer(sdp);
        if (text)
            reply = {200, std::move(*text)};
        tellHold(before);
    }
    toSession([reply = std::move(reply)](sip::SessionEvents& session) { session.onReply(reply); });
}

void LocalLine::onInfo(const std::string& contentType, const std::string& body)
{
    const auto key = keyOfInfo(contentType, body);
    if (m_over || !key)
        return;
    toApplication([key = *key](const LocalCallEvents& events) {
        if (events.digit)
            events.digit(key.symbol, key.length);
    });
}

void LocalLine::onReferred(int status)
{
    if (m_over)
        return;
    const bool accepted = !std::exchange(m_refers, m_refers || status == 202) && status == 202;
    toApplication([status](const LocalCallEvents& events) {
        if (events.transferred)
            events.transferred(status);
    });
    if (accepted || status < 200 || status >= 300)
        return;
    toSession([](sip::SessionEvents& session) { session.onEnded(sip::Ending::Bye); });
    end(200);
}

/// Of a call that has come; one that was placed here names only whom it called.
void LocalLine::onPeer(const sip::Peer& peer)
{
    if (m_over || m_role == Role::Calling)
        return;
    std::string& name = m_info.service.parameters["caller"];
    if (sip::Peer{name, m_info.from, m_info.conferenceGuid} == peer)
        return;
    name = peer.name;
    m_info.from = peer.shown;
    m_info.conferenceGuid = peer.conferenceGuid;
    toApplication([](const LocalCallEvents& events) {
        if (events.callerChanged)
            events.callerChanged();
    });
}

} // namespace sr::pbx
