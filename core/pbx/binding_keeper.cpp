// SPDX-License-Identifier: GPL-3.0-or-later
// The control thread hands over the users that changed; the thread has all of them and writes.
#include "core/pbx/binding_keeper.h"

#include "core/pbx/service_uri.h"

#include <algorithm>

namespace sr::pbx {

BindingKeeper::BindingKeeper(BindingParts parts, Registrar& registrar, const Clock& clock)
    : m_parts(std::move(parts))
    , m_registrar(registrar)
    , m_clock(clock)
    , m_written(clock.steadyNow())
    , m_thread([this] { run(); })
{}

BindingKeeper::~BindingKeeper()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

std::vector<KeptBinding> BindingKeeper::load(const Path& file,
                                             const std::function<void(const std::string&)>& say)
{
    const auto bytes = readFile(file, kBindingFileMost);
    if (!bytes && bytes.error().code == BaseErrc::NotFound)
        return {};
    auto read = bytes ? parseBindings(textOf(*bytes)) : Result<KeptBindings>(bytes.error());
    const std::string lost = "Phones may have to register anew before they can be called: " + utf8Of(file);
    if (!read) {
        say(lost + ": " + read.error().text());
        return {};
    }
    if (read->unread > 0)
        say(lost + " has " + std::to_string(read->unread) + " damaged lines");
    return std::move(read->all);
}

/// H(A1) is as good as the password, so it is not kept, nor its hash.
std::string BindingKeeper::proofOf(const Object& user) const
{
    const std::string text = user.name + '\n' + user.secret.md5 + '\n' + user.secret.sha256;
    return toHex(crypto::hmacSha256(m_parts.key, bytesOf(text)));
}

/// The same one, or where ports have changed one that can reach the device.
std::optional<std::size_t> BindingKeeper::listenerFor(const KeptBinding& kept) const
{
    const std::vector<Endpoint>& all = m_parts.listeners;
    auto found = std::ranges::find(all, kept.listener);
    if (found == all.end())
        found = std::ranges::find_if(
            all, [&](const Endpoint& one) { return one.address.isV4() == kept.device.address.isV4(); });
    return found == all.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - all.begin()));
}

std::set<std::string> BindingKeeper::restore(const Directory& directory)
{
    std::set<std::string> users;
    const TimePoint now = m_clock.steadyNow();
    for (const KeptBinding& kept : m_parts.kept) {
        changed(kept.user);
        const Object* const user = directory.byName(kept.user);
        const auto listener = listenerFor(kept);
        const auto left = kept.ends - m_clock.utcNow();
        if (user == nullptr || user->secret.empty() || kept.proof != proofOf(*user) || !listener)
            continue;
        Binding binding{{kept.uri, std::nullopt, kept.instance},
                        {kept.device, sip::Transport::Udp, *listener},
                        kept.userAgent,
                        kept.callId,
                        kept.cseq,
                        now + std::clamp<std::chrono::microseconds>(left, seconds(0), std::chrono::hours(24)),
                        kept.domain};
        if (m_registrar.restore(kept.user, std::move(binding), now))
            users.insert(kept.user);
    }
    m_parts.kept.clear();
    // Who registered meanwhile.
    m_registrar.visit(now, [this](const std::string& user, const Binding&) { changed(user); });
    return users;
}

std::vector<KeptBinding> BindingKeeper::keptOf(const Object& user) const
{
    std::vector<KeptBinding> kept;
    const TimePoint now = m_clock.steadyNow();
    const std::string proof = proofOf(user);
    for (Binding& one : m_registrar.bindings(user.name, now)) {
        if (one.source.transport != sip::Transport::Udp || isServiceUri(one.contact.uri) ||
            one.source.listener >= m_parts.listeners.size())
            continue;
        const auto left = std::chrono::floor<microseconds>(one.ends - now);
        kept.push_back({user.name, proof, std::move(one.contact.uri), std::move(one.contact.instance),
                        std::move(one.userAgent), std::move(one.callId), std::move(one.domain), one.cseq,
                        one.source.address, m_parts.listeners[one.source.listener], m_clock.utcNow() + left});
    }
    return kept;
}

void BindingKeeper::onSecond(const Directory& directory)
{
    if (m_clock.steadyNow() - m_written >= kEvery)
        flush(directory);
}

void BindingKeeper::flush(const Directory& directory)
{
    if (m_changed.empty())
        return;
    Users ordered;
    for (const std::string& name : m_changed) {
        const Object* const user = directory.byName(name);
        ordered[name] = user != nullptr ? keptOf(*user) : std::vector<KeptBinding>();
    }
    m_changed.clear();
    m_written = m_clock.steadyNow();
    {
        const std::scoped_lock lock(m_mutex);
        for (auto& [name, devices] : ordered)
            m_ordered[name] = std::move(devices);
        m_orderedAt = m_clock.utcNow();
    }
    m_wake.notify_one();
}

void BindingKeeper::run()
{
    Users users;
    for (std::unique_lock lock(m_mutex);;) {
        m_wake.wait(lock, [this] { return m_stopping || !m_ordered.empty(); });
        if (m_ordered.empty())
            return;
        for (auto& [name, devices] : m_ordered)
            users[name] = std::move(devices);
        m_ordered.clear();
        const UtcTime now = m_orderedAt;
        lock.unlock();
        write(users, now);
        lock.lock();
    }
}

/// Those that have run out go by the way.
void BindingKeeper::write(Users& users, UtcTime now)
{
    std::vector<KeptBinding> all;
    for (auto user = users.begin(); user != users.end();) {
        std::erase_if(user->second, [now](const KeptBinding& one) { return one.ends <= now; });
        all.insert(all.end(), user->second.begin(), user->second.end());
        user = user->second.empty() ? users.erase(user) : std::next(user);
    }
    Status written = makeDirs(m_parts.file.parent_path());
    if (written)
        written = writeFileAtomic(m_parts.file, bytesOf(writeBindings(all)), true);
    if (!written && !m_failed && m_parts.say)
        m_parts.say("Registrations are not kept for the next start: " + written.error().text());
    m_failed = !written;
}

} // namespace sr::pbx
