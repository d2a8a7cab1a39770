// SPDX-License-Identifier: GPL-3.0-or-later
// The exchange between its own phones and those of the network.
#include "core/pbx/local_dialer.h"

#include "core/pbx/local_session.h"

namespace sr::pbx {

LocalDialer::LocalDialer(sip::Dialer& network, media::MediaServer& media, media::Executor post,
                         const LocalOptions& options)
    : m_network(network)
    , m_options(options)
    , m_office(std::make_shared<LocalOffice>(LocalOffice{media, std::move(post), options.address}))
    , m_applications(std::make_shared<Applications>())
{}

LocalDialer::~LocalDialer() = default;

void LocalDialer::serve(const std::string& name, LocalApplication& application)
{
    (*m_applications)[name] = &application;
}

void LocalDialer::setIncoming(Incoming incoming)
{
    m_incoming = std::move(incoming);
}

/// No device of the network has port 0.
sip::Source LocalDialer::source()
{
    sip::Source source;
    source.address = {*IpAddress::parse("127.0.0.1"), 0};
    return source;
}

IpAddress LocalDialer::addressTowards(const sip::Source& device) const
{
    return device.address.port == 0 ? m_options.address : m_network.addressTowards(device);
}

std::size_t LocalDialer::calls() const
{
    return static_cast<std::size_t>(m_office.use_count()) - 1;
}

std::unique_ptr<sip::Session> LocalDialer::invite(const sip::OutgoingInvite& invite,
                                                  sip::SessionEvents& events)
{
    // A device may name any contact; only what we called ourselves is a service.
    if (invite.way != source() || !isServiceUri(invite.uri))
        return m_network.invite(invite, events);
    auto uri = ServiceUri::parse(invite.uri);
    if (!uri)
        return nullptr;
    const std::string name = uri->name;
    const bool full = calls() + std::min(m_options.placed, m_options.mostCalls / 2) >= m_options.mostCalls;
    auto line = std::make_shared<LocalLine>(
        m_office, LocalLine::Role::Called,
        LocalCallInfo{invite.from, invite.to, invite.conferenceGuid, std::move(*uri), invite.diversions},
        invite.sdp);
    auto session = std::make_unique<LocalSession>(line);
    session->setEvents(events);
    if (full || !m_applications->contains(name)) {
        line->refuse(full ? 486 : 404); // busy: forwards of the object hold
        return session;
    }
    m_office->post([line, name, weak = std::weak_ptr(m_applications)] {
        const auto applications = weak.lock();
        if (applications && !line->isOver())
            applications->at(name)->onCall(std::make_unique<LocalCall>(line));
    });
    return session;
}

Result<std::unique_ptr<LocalCall>> LocalDialer::placeCall(const LocalCallPlan& plan)
{
    if (!m_incoming)
        return fail(media::MediaErrc::Gone, "exchange");
    if (calls() >= m_options.mostCalls)
        return fail(media::MediaErrc::TooMany, std::to_string(m_options.mostCalls) + " local calls");
    const std::string host = m_options.address.toString();
    sip::InviteRequest request;
    request.target = plan.target;
    request.from = plan.from;
    request.shownAs = plan.shownAs;
    request.to = {{}, plan.target, host};
    if (request.from.host.empty())
        request.from.host = host;
    request.userAgent = "Switchroom";
    request.source = source();
    auto line =
        std::make_shared<LocalLine>(m_office, LocalLine::Role::Calling,
                                    LocalCallInfo{request.from, request.to, {}, {}, {}}, std::string());
    auto media = line->media();
    if (!media)
        return media.error();
    request.sdp = (*media)->offer();
    request.callId = line->dialog().callId;
    m_office->post([line, request = std::move(request), incoming = m_incoming] {
        if (!line->isOver())
            incoming(std::make_unique<LocalSession>(line), request);
    });
    return std::make_unique<LocalCall>(std::move(line));
}

} // namespace sr::pbx
