// SPDX-License-Identifier: GPL-3.0-or-later
// Who watches whom: presence, busy lamps and mailboxes of users, told by NOTIFY (RFC 6665).
//
// A user may watch those with whom a group is shared, and itself (pbx-interfaces.md 1.1, session scope); a
// mailbox is watched by its user alone. Each watcher gets the whole state each time, so what comes while a
// NOTIFY is under way, or sooner than the rate allows, needs no queue: the next one tells it all.
#pragma once

#include "core/pbx/dialog_state.h"
#include "core/pbx/directory.h"
#include "core/pbx/event_bodies.h"
#include "core/sip/subscription.h"

#include <functional>
#include <memory>

namespace sr::pbx {

struct SubscriptionLimits {
    std::uint32_t shortest = 60;    ///< [s]; less is refused with 423
    std::uint32_t longest = 3600;   ///< [s]; more is cut to it, and it is what nothing said means
    std::size_t perWatcher = 512;   ///< a console with all its keys; more are refused with 403
    std::size_t inAll = 10'000;     ///< then 503; each takes up to 19 kB (measured)
    double perSecond = 1;           ///< NOTIFYs of each, in the long run (RFC 4235 3.10) ...
    double burst = 5;               ///< ... and as many at once, for the lamp of a call must not wait
    std::chrono::seconds look{5};   ///< how often devices that have run out are looked for
    std::chrono::seconds retry{30}; ///< Retry-After of 503
};

/// Control thread.
class Subscriptions final : public CallObserver {
public:
    using IsRegistered = std::function<bool(const std::string& user)>;
    /// `clock` outlives it.
    Subscriptions(IsRegistered isRegistered, const Clock& clock, SubscriptionLimits limits = {});
    ~Subscriptions() override;

    /// Before the first subscription, and with every change: who may watch no longer is told so,
    /// and what was said of users that are gone is forgotten.
    void setDirectory(std::shared_ptr<const Directory> directory);
    /// The user has another password, or is gone: what its devices watch ends, so that they ask again.
    void forget(const std::string& user);
    /// `watcher` is who the request has proved to be.
    void onSubscribe(std::unique_ptr<sip::Subscription> subscription, const sip::SubscribeRequest& request,
                     const User& watcher);
    sip::PublishAnswer onPublish(const sip::PublishRequest& request, const User& user);
    void setPresence(const std::string& user, Presence presence);
    void setMessages(const std::string& user, MessageCounts counts);
    Presence presence(const std::string& user) const; ///< as watchers see it
    const std::vector<CallState>& calls(const std::string& user) const { return m_calls.of(user); }
    void onCallState(const CallState& state) override;
    void onRegistration(const std::string& user); ///< a device has come or gone
    void onSecond();
    void endAll(); ///< devices are told to ask again
    std::size_t count() const { return m_count; }

private:
    enum class Package : std::uint8_t { Presence, Dialog, Messages };
    struct Watch;
    using Watches = std::vector<std::unique_ptr<Watch>>;

    static std::optional<Package> packageNamed(const std::string& event);
    static bool takes(const sip::SubscribeRequest& request, Package package);
    const User* userAt(const User& by, const std::string& dialled) const;
    bool mayWatch(const User& watcher, const User& target, Package package) const;
    /// 0: it is accepted.
    int refusalOf(const sip::SubscribeRequest& request, const User& watcher, const User* target,
                  Package package) const;
    void changed(const std::string& target, Package package);
    void send(Watch& watch);
    std::string bodyOf(Watch& watch) const;
    void remove(const Watch& watch);
    void endIf(const std::function<const char*(const Watch&)>& reason);
    void look();

    const IsRegistered m_isRegistered;
    const Clock& m_clock;
    const SubscriptionLimits m_limits;
    std::shared_ptr<const Directory> m_directory;
    PresenceBook m_book;
    DialogStates m_calls;
    std::unordered_map<std::string, MessageCounts> m_messages;
    std::unordered_map<std::string, Watches> m_watches; ///< by whom they watch
    std::unordered_map<std::string, std::size_t> m_perWatcher;
    std::unordered_map<std::string, bool> m_registered; ///< of those who are watched, as it was told last
    std::size_t m_count = 0;
    std::chrono::steady_clock::time_point m_looked{};
};

} // namespace sr::pbx
