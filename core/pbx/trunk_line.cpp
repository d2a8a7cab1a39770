// SPDX-License-Identifier: GPL-3.0-or-later
// Whose a call is that comes from an address is answered here, for one line at a time.
#include "core/pbx/trunk_line.h"

#include <algorithm>

namespace sr::pbx {

TrunkLines::Line::Line(TrunkLines& lines, std::shared_ptr<const Trunk> trunk, std::size_t account,
                       LineOptions options)
    : m_lines(lines)
    , m_trunk(std::move(trunk))
    , m_account(account)
    , m_options(std::move(options))
{
    if (const auto* there = std::get_if<sip::RegistrationOptions>(&m_options))
        m_registration = std::make_unique<sip::Registration>(*there, lines.m_sender, lines.m_clock, *this);
    else if (lines.m_asker != nullptr)
        m_keepAlive = std::make_unique<sip::KeepAlive>(std::get<sip::KeepAliveOptions>(m_options),
                                                       *lines.m_asker, lines.m_clock, *this);
}

void TrunkLines::Line::setTrunk(std::shared_ptr<const Trunk> trunk, std::size_t account)
{
    m_trunk = std::move(trunk);
    m_account = account;
}

std::string TrunkLines::Line::contactUser() const
{
    return m_registration ? m_registration->options().contactUser : std::string();
}

void TrunkLines::Line::tick()
{
    if (m_registration)
        m_registration->tick();
    else if (m_keepAlive)
        m_keepAlive->tick();
}

void TrunkLines::Line::leave()
{
    if (m_registration)
        m_registration->leave();
}

bool TrunkLines::Line::isGone() const
{
    return !m_registration || m_registration->status().state == sip::RegistrationState::Gone;
}

std::optional<sip::Source> TrunkLines::Line::peer() const
{
    return m_keepAlive ? m_keepAlive->status().peer : m_registrar;
}

std::optional<sip::Source> TrunkLines::Line::way() const
{
    if (m_registration)
        return m_registration->status().state == sip::RegistrationState::Registered
                   ? std::optional(m_registration->status().peer)
                   : std::nullopt;
    const bool isThere = m_keepAlive && m_keepAlive->status().state != sip::KeepAliveState::Gone;
    return isThere ? m_keepAlive->status().peer : std::nullopt;
}

/// A registrar, or a gateway by UDP, sends from where it listens. Connections come from any port, so that a
/// gateway is told by its address alone where the administrator has said that it calls by those.
bool TrunkLines::Line::isFrom(const sip::Source& source) const
{
    if (m_trunk->provesItself)
        return false;
    if (std::ranges::count(m_trunk->peers, source.address.address) > 0)
        return true;
    const auto there = peer();
    if (!there)
        return false;
    const bool byConnection =
        m_keepAlive && there->transport != sip::Transport::Udp && source.transport == there->transport;
    return byConnection ? there->address.address == source.address.address : there->address == source.address;
}

bool TrunkLines::Line::isAt(const IpAddress& address) const
{
    const auto there = peer();
    return !m_trunk->provesItself &&
           ((there && there->address.address == address) || std::ranges::count(m_trunk->peers, address) > 0);
}

bool TrunkLines::Line::isNamedBy(const sip::InviteRequest& request) const
{
    const std::string& user = values().user;
    const std::string& own = m_trunk->ownNumber;
    return (!user.empty() && (request.target == user || request.to.user == user)) ||
           (!own.empty() && request.target.starts_with(own));
}

TrunkRow TrunkLines::Line::row() const
{
    TrunkRow row;
    row.trunk = m_trunk->name;
    row.account = m_account;
    row.isGateway = m_trunk->isGateway;
    if (m_registration) {
        row.aor = values().user + "@" + domainOf(values());
        row.status = m_registration->status();
        return row;
    }
    row.aor = values().registrar;
    row.keepAlive = m_keepAlive ? m_keepAlive->status() : sip::KeepAliveStatus();
    return row;
}

void TrunkLines::Line::onRegistered(const sip::RegistrationStatus& status)
{
    m_registrar = status.peer;
    tell();
}

} // namespace sr::pbx
