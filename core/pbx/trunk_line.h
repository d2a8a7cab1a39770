// SPDX-License-Identifier: GPL-3.0-or-later
// One way to one provider or gateway: a registration, or an address that is asked whether anybody is there.
// Internal to TrunkLines.
#pragma once

#include "core/pbx/trunk_lines.h"

namespace sr::pbx {

class TrunkLines::Line final : public sip::RegistrationEvents, public sip::KeepAliveEvents {
public:
    Line(TrunkLines& lines, std::shared_ptr<const Trunk> trunk, std::size_t account, LineOptions options);

    const std::shared_ptr<const Trunk>& trunk() const { return m_trunk; }
    std::size_t account() const { return m_account; }
    void setTrunk(std::shared_ptr<const Trunk> trunk, std::size_t account);
    const LineOptions& options() const { return m_options; }
    /// The user of our contact; empty: we are not registered there.
    std::string contactUser() const;

    void tick();
    /// Says good-bye where it is registered.
    void leave();
    bool isGone() const;
    /// By where a call can leave now; nothing: it cannot.
    std::optional<sip::Source> way() const;
    /// Whether it is the registrar or gateway itself, or a machine that the administrator has named. Also
    /// while it is out of order for the moment: calls still come from there.
    bool isFrom(const sip::Source& source) const;
    /// Whether it is such a machine, where others may be as well.
    bool isAt(const IpAddress& address) const;
    bool isNamedBy(const sip::InviteRequest& request) const;
    TrunkRow row() const;

private:
    const TrunkAccount& values() const { return m_trunk->accounts[m_account]; }
    std::optional<sip::Source> peer() const;
    void tell() { m_lines.m_events.onTrunk(row()); }

    void onRegistered(const sip::RegistrationStatus& status) override;
    void onFailed(const sip::RegistrationStatus&) override { tell(); }
    void onLost(const sip::RegistrationStatus&) override { tell(); }
    void onGone() override {} // TrunkLines looks
    void onThere(const sip::KeepAliveStatus&) override { tell(); }
    void onGone(const sip::KeepAliveStatus&) override { tell(); }

    TrunkLines& m_lines;
    std::shared_ptr<const Trunk> m_trunk;
    std::size_t m_account;
    LineOptions m_options;
    std::optional<sip::Source> m_registrar;            ///< who has registered us last
    std::unique_ptr<sip::Registration> m_registration; ///< one of these two
    std::unique_ptr<sip::KeepAlive> m_keepAlive;
};

} // namespace sr::pbx
