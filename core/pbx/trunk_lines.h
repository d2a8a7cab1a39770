// SPDX-License-Identifier: GPL-3.0-or-later
// Who keeps the trunks registered and looks after gateways that do not register, knows by which one a call
// comes, and by which account the next one leaves.
#pragma once

#include "core/crypto/key_ring.h"
#include "core/pbx/trunk.h"
#include "core/sip/keep_alive.h"

#include <map>
#include <variant>

namespace sr::pbx {

/// One account of a trunk, or the address of a gateway or trunk that does not register, for status and logs.
struct TrunkRow {
    std::string trunk;
    std::size_t account = 0;                            ///< its place in the trunk
    std::string aor;                                    ///< `user@domain`, or the address
    sip::RegistrationStatus status{};                   ///< of an account
    std::optional<sip::KeepAliveStatus> keepAlive = {}; ///< of an address
    bool isGateway = false;
    bool isGood() const; ///< it is registered without trouble, or answers
};

/// What a line is made of.
using LineOptions = std::variant<sip::RegistrationOptions, sip::KeepAliveOptions>;

/// A call that a trunk or gateway brings.
struct TrunkCall {
    std::shared_ptr<const Trunk> trunk;
    std::size_t account = 0; ///< whose registration it came by, or one from the same peer, or the address
    std::string called; ///< in the provider's spelling: Request-URI, or To where that only names our contact
};

/// One way for a call to leave.
struct TrunkWay {
    std::shared_ptr<const Trunk> trunk;
    std::size_t account = 0;
    sip::Source way; ///< who registered us, or answers at the address
};

class TrunkEvents {
public:
    virtual ~TrunkEvents() = default;
    /// An account is registered, is not for a new reason, or is lost; an address answers, or no longer. On
    /// the control thread; update() must not be called inside.
    virtual void onTrunk(const TrunkRow& row) = 0;
};

/// Control thread.
class TrunkLines {
public:
    /// `key`: makes the users of our contacts, which nobody else can know; the same after a restart, else
    /// calls come twice for a while, since the provider still has the contact of before. `asker`: null: no
    /// call goes to an address. All of these outlive it.
    TrunkLines(sip::RegisterSender& sender, const Clock& clock, const crypto::Secret& key,
               TrunkEvents& events, sip::OptionsSender* asker = nullptr);
    ~TrunkLines();
    TrunkLines(const TrunkLines&) = delete;
    TrunkLines& operator=(const TrunkLines&) = delete;

    /// The trunks, and gateways with an address, of a new snapshot. Accounts that have changed begin anew,
    /// those that are gone say good-bye, all others go on.
    void update(const std::vector<Trunk>& trunks);
    /// Once a second.
    void tick();
    /// Says good-bye for all of them; isGone() a few seconds later at most, if tick() goes on.
    void leave();
    bool isGone() const { return m_lines.empty() && m_leaving.empty(); }

    /// Whether the request is a trunk's, so that it needs no password. By the user of our contact, which only
    /// the provider knows; else by where it comes from: a registrar or peer of one trunk alone, or a machine
    /// of several, or with others on it, if account or number name one of the trunks. A gateway with a
    /// password proves itself like a user instead: its address says nothing.
    std::optional<TrunkCall> callOf(const sip::InviteRequest& request) const;
    /// Whether calls of that address may be a trunk's: RequestHandler::admits() must not drop them as
    /// guesses.
    bool isPeer(const IpAddress& address) const;

    /// The accounts of a trunk that are registered, or its address while it answers, each call beginning with
    /// the next one; behind it those for when it fails by isLocalFailure(). Empty: none is, or there is no
    /// such trunk.
    std::vector<TrunkWay> ways(const std::string& trunk);
    std::vector<TrunkRow> rows() const; ///< by the names of trunks

private:
    class Line;
    using Key = std::pair<std::string, std::size_t>; ///< name of the trunk, place of the account
    using Lines = std::map<Key, std::unique_ptr<Line>>;

    std::string contactUserOf(const Trunk& trunk, const TrunkAccount& account) const;
    LineOptions optionsOf(const Trunk& trunk, const TrunkAccount& account) const;
    static std::unique_ptr<Line> takeOld(Lines& before, const std::string& trunk, const LineOptions& options);
    bool isBound(const LineOptions& options) const;
    void dismiss(std::unique_ptr<Line> line);
    const Line* lineOfContact(const std::string& user) const;

    sip::RegisterSender& m_sender;
    sip::OptionsSender* m_asker;
    const Clock& m_clock;
    crypto::Secret m_key;
    TrunkEvents& m_events;
    Lines m_lines;
    std::vector<std::unique_ptr<Line>> m_leaving;
    std::map<std::string, std::size_t> m_turns; ///< by trunk: the account that is next
};

} // namespace sr::pbx
