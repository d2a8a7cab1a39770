// SPDX-License-Identifier: GPL-3.0-or-later
// A watch is destroyed where it ends, inside its own callback at times, so nothing follows there.
#include "core/pbx/subscriptions.h"

#include "core/sip/name_address.h"

#include <algorithm>
#include <utility>

namespace sr::pbx {

/// A subscription, and what its watcher knows.
struct Subscriptions::Watch final : sip::SubscriptionEvents {
    Watch(Subscriptions& of, std::unique_ptr<sip::Subscription> its)
        : all(of)
        , subscription(std::move(its))
    {
        subscription->setEvents(*this);
    }
    void onNotified() override
    {
        isUnderWay = false;
        if (ending == nullptr)
            return all.send(*this);
        subscription->terminate(ending);
        all.remove(*this);
    }
    void onEnded(sip::SubscriptionEnd /*why*/) override { all.remove(*this); }
    bool takeTurn(std::chrono::steady_clock::time_point now)
    {
        const std::chrono::duration<double> since = now - counted;
        turns = std::min(all.m_limits.burst, turns + since.count() * all.m_limits.perSecond);
        counted = now;
        if (turns < 1)
            return false;
        turns -= 1;
        return true;
    }

    Subscriptions& all;
    std::unique_ptr<sip::Subscription> subscription;
    std::string watcher; ///< name
    std::string target;  ///< name
    std::string entity;  ///< the target's URI as the watcher writes it
    std::string host;    ///< of that
    Package package = Package::Presence;
    std::uint32_t version = 0; ///< of the next dialog-info
    double turns = 0;          ///< NOTIFYs that may go now
    std::chrono::steady_clock::time_point counted{};
    bool isUnderWay = false;      ///< a NOTIFY
    bool isStale = false;         ///< the watcher does not know all yet
    const char* ending = nullptr; ///< why it ends once that NOTIFY has arrived
};

Subscriptions::Subscriptions(IsRegistered isRegistered, const Clock& clock, SubscriptionLimits limits)
    : m_isRegistered(std::move(isRegistered))
    , m_clock(clock)
    , m_limits(limits)
    , m_book(clock)
    , m_looked(clock.steadyNow())
{}

Subscriptions::~Subscriptions() = default;

std::optional<Subscriptions::Package> Subscriptions::packageNamed(const std::string& event)
{
    if (event == "presence")
        return Package::Presence;
    if (event == "dialog")
        return Package::Dialog;
    if (event == "message-summary")
        return Package::Messages;
    return std::nullopt;
}

/// No Accept means the package's own type (RFC 6665 3.1.3).
bool Subscriptions::takes(const sip::SubscribeRequest& request, Package package)
{
    const char* const ours = package == Package::Presence ? kPidfType
                             : package == Package::Dialog ? kDialogInfoType
                                                          : kMessageSummaryType;
    return request.accept.empty() || std::ranges::any_of(request.accept, [&](const std::string& type) {
               return type == ours || type == "*/*" || type == "application/*";
           });
}

/// Whom one means who dials so.
const User* Subscriptions::userAt(const User& by, const std::string& dialled) const
{
    const Reached meant = m_directory->meant(by.node, dialled);
    return meant.rest.empty() ? meant.object : nullptr;
}

bool Subscriptions::mayWatch(const User& watcher, const User& target, Package package) const
{
    if (watcher.name == target.name)
        return true;
    return package != Package::Messages && m_directory->shareGroup(watcher, target);
}

int Subscriptions::refusalOf(const sip::SubscribeRequest& request, const User& watcher, const User* target,
                             Package package) const
{
    if (target == nullptr)
        return 404;
    if (!mayWatch(watcher, *target, package))
        return 403;
    if (!takes(request, package))
        return 406;
    if (request.expires.value_or(m_limits.longest) < m_limits.shortest && request.expires != 0U)
        return 423;
    const auto theirs = m_perWatcher.find(watcher.name);
    if (theirs != m_perWatcher.end() && theirs->second >= m_limits.perWatcher)
        return 403;
    return m_count >= m_limits.inAll ? 503 : 0;
}

void Subscriptions::onSubscribe(std::unique_ptr<sip::Subscription> subscription,
                                const sip::SubscribeRequest& request, const User& watcher)
{
    const auto package = packageNamed(request.event);
    const User* const target = userAt(watcher, request.target);
    sip::Refusal refusal;
    refusal.status = package ? refusalOf(request, watcher, target, *package) : 489;
    if (refusal.status != 0) {
        refusal.reason = "Refused";
        if (refusal.status == 423)
            refusal.minExpires = m_limits.shortest;
        if (refusal.status == 503)
            refusal.retryAfter = static_cast<std::uint32_t>(m_limits.retry.count());
        return subscription->refuse(refusal);
    }
    subscription->accept(
        std::chrono::seconds(std::min(request.expires.value_or(m_limits.longest), m_limits.longest)));
    auto watch = std::make_unique<Watch>(*this, std::move(subscription));
    watch->watcher = watcher.name;
    watch->target = target->name;
    watch->entity = sip::uriText(request.target, request.host);
    watch->host = request.host;
    watch->package = *package;
    watch->turns = m_limits.burst;
    watch->counted = m_clock.steadyNow();
    watch->isStale = true;
    Watch& made = *watch;
    m_watches[target->name].push_back(std::move(watch));
    ++m_perWatcher[watcher.name];
    ++m_count;
    m_registered.try_emplace(target->name, m_isRegistered(target->name));
    send(made);
}

sip::PublishAnswer Subscriptions::onPublish(const sip::PublishRequest& request, const User& user)
{
    if (const User* const meant = userAt(user, request.target);
        meant == nullptr || meant->name != user.name) {
        sip::PublishAnswer answer;
        answer.status = 403;
        answer.reason = "Not Yours";
        return answer;
    }
    auto answer = m_book.publish(user.name, request);
    if (answer.status < 300)
        changed(user.name, Package::Presence);
    return answer;
}

void Subscriptions::setPresence(const std::string& user, Presence presence)
{
    if (m_book.set(user, std::move(presence)))
        changed(user, Package::Presence);
}

void Subscriptions::setMessages(const std::string& user, MessageCounts counts)
{
    if (std::exchange(m_messages[user], counts) != counts)
        changed(user, Package::Messages);
}

Presence Subscriptions::presence(const std::string& user) const
{
    return m_book.of(user, m_isRegistered(user), m_calls.isTalking(user));
}

void Subscriptions::onCallState(const CallState& state)
{
    if (!m_watches.contains(state.user)) { // as most
        (void)m_calls.take(state);
        return;
    }
    const bool talked = m_calls.isTalking(state.user);
    if (!m_calls.take(state))
        return;
    changed(state.user, Package::Dialog);
    if (m_calls.isTalking(state.user) != talked)
        changed(state.user, Package::Presence);
}

void Subscriptions::onRegistration(const std::string& user)
{
    const auto known = m_registered.find(user);
    if (known == m_registered.end())
        return;
    const bool now = m_isRegistered(user);
    if (std::exchange(known->second, now) != now)
        changed(user, Package::Presence);
}

void Subscriptions::changed(const std::string& target, Package package)
{
    const auto watches = m_watches.find(target);
    if (watches == m_watches.end())
        return;
    for (const auto& watch : watches->second) {
        if (watch->package != package)
            continue;
        watch->isStale = true;
        send(*watch);
    }
}

void Subscriptions::send(Watch& watch)
{
    if (!watch.isStale || watch.isUnderWay || watch.ending != nullptr || !watch.takeTurn(m_clock.steadyNow()))
        return;
    watch.isStale = false;
    watch.isUnderWay = true;
    const char* const type = watch.package == Package::Presence ? kPidfType
                             : watch.package == Package::Dialog ? kDialogInfoType
                                                                : kMessageSummaryType;
    watch.subscription->notify(type, bodyOf(watch));
}

std::string Subscriptions::bodyOf(Watch& watch) const
{
    switch (watch.package) {
    case Package::Presence:
        return writePidf(watch.entity, presence(watch.target));
    case Package::Dialog:
        return writeDialogInfo(watch.entity, watch.host, watch.version++, m_calls.of(watch.target));
    case Package::Messages:
        break;
    }
    const auto counts = m_messages.find(watch.target);
    return writeMessageSummary(watch.entity, counts == m_messages.end() ? MessageCounts{} : counts->second);
}

/// It is destroyed.
void Subscriptions::remove(const Watch& watch)
{
    const std::string target = watch.target;
    if (const auto theirs = m_perWatcher.find(watch.watcher);
        theirs != m_perWatcher.end() && --theirs->second == 0)
        m_perWatcher.erase(theirs);
    --m_count;
    const auto all = m_watches.find(target);
    std::erase_if(all->second, [&](const auto& one) { return one.get() == &watch; });
    if (all->second.empty()) {
        m_watches.erase(all);
        m_registered.erase(target);
    }
}

/// `reason`: why a watch ends, or null: it goes on. With a NOTIFY under way it ends behind that.
void Subscriptions::endIf(const std::function<const char*(const Watch&)>& reason)
{
    std::vector<const Watch*> ended;
    for (const auto& [target, watches] : m_watches)
        for (const auto& watch : watches)
            if (const char* const why = reason(*watch)) {
                if (watch->ending == nullptr)
                    watch->ending = why;
                if (!watch->isUnderWay)
                    ended.push_back(watch.get());
            }
    for (const Watch* watch : ended) {
        watch->subscription->terminate(watch->ending);
        remove(*watch);
    }
}

/// RFC 6665 4.2.2: rejected: not again; deactivated: again, at once; noresource: there is nothing to watch.
void Subscriptions::setDirectory(std::shared_ptr<const Directory> directory)
{
    m_directory = std::move(directory);
    const auto stays = [&](const std::string& user) { return m_directory->byName(user) != nullptr; };
    m_book.keep(stays);
    std::erase_if(m_messages, [&](const auto& one) { return !stays(one.first); });
    endIf([&](const Watch& watch) -> const char* {
        const User* const watcher = m_directory->byName(watch.watcher);
        const User* const target = m_directory->byName(watch.target);
        if (target == nullptr)
            return "noresource";
        return watcher != nullptr && mayWatch(*watcher, *target, watch.package) ? nullptr : "rejected";
    });
}

void Subscriptions::forget(const std::string& user)
{
    endIf([&](const Watch& watch) { return watch.watcher == user ? "deactivated" : nullptr; });
}

void Subscriptions::endAll()
{
    endIf([](const Watch&) { return "deactivated"; });
    m_watches.clear(); // who still owes an answer hears of it no more
    m_registered.clear();
    m_perWatcher.clear();
    m_count = 0;
}

/// Devices and publications that have run out.
void Subscriptions::look()
{
    std::vector<std::string> targets;
    for (const auto& [target, was] : m_registered)
        if (m_isRegistered(target) != was)
            targets.push_back(target);
    for (const std::string& target : targets)
        onRegistration(target);
    for (const std::string& user : m_book.sweep())
        changed(user, Package::Presence);
}

void Subscriptions::onSecond()
{
    const auto now = m_clock.steadyNow();
    if (now - m_looked >= m_limits.look) {
        m_looked = now;
        look();
    }
    for (const auto& [target, watches] : m_watches)
        for (const auto& watch : watches)
            send(*watch);
}

} // namespace sr::pbx
