// SPDX-License-Identifier: GPL-3.0-or-later
// A line is one registration, or one address. Lines that have been dismissed stay until their good-bye is
// answered.
#include "core/pbx/trunk_lines.h"

#include "core/crypto/digest.h"
#include "core/pbx/trunk_line.h"

#include <algorithm>
#include <set>

namespace sr::pbx {
namespace {

/// Whether they are the same contact of the same address-of-record to a registrar.
bool isSameBinding(const LineOptions& one, const LineOptions& other)
{
    const auto* a = std::get_if<sip::RegistrationOptions>(&one);
    const auto* b = std::get_if<sip::RegistrationOptions>(&other);
    return a != nullptr && b != nullptr && a->registrar == b->registrar && a->transport == b->transport &&
           a->aor == b->aor && a->contactUser == b->contactUser;
}

} // namespace

bool TrunkRow::isGood() const
{
    if (keepAlive)
        return keepAlive->state == sip::KeepAliveState::There;
    return status.state == sip::RegistrationState::Registered && status.failure == 0;
}

TrunkLines::TrunkLines(sip::RegisterSender& sender, const Clock& clock, const crypto::Secret& key,
                       TrunkEvents& events, sip::OptionsSender* asker)
    : m_sender(sender)
    , m_asker(asker)
    , m_clock(clock)
    , m_key(key)
    , m_events(events)
{}

TrunkLines::~TrunkLines() = default;

/// Half of the hash, as much as a nonce has.
std::string TrunkLines::contactUserOf(const Trunk& trunk, const TrunkAccount& account) const
{
    constexpr std::size_t kBytes = 16;
    const std::string text = trunk.name + "\n" + account.user + "\n" + account.registrar;
    const crypto::Sha256 mac = crypto::hmacSha256(m_key, bytesOf(text));
    return toHex(ByteView(mac).first(kBytes));
}

LineOptions TrunkLines::optionsOf(const Trunk& trunk, const TrunkAccount& account) const
{
    if (!account.registers)
        return sip::KeepAliveOptions{serverOf(account), account.transport, trunk.isAsked};
    sip::RegistrationOptions options;
    options.registrar = account.registrar;
    options.proxy = account.proxy;
    options.transport = account.transport;
    options.aor = {{}, account.user, domainOf(account)};
    options.account = digestAccountOf(account);
    options.contactUser = contactUserOf(trunk, account);
    options.expires = trunk.expires;
    return options;
}

void TrunkLines::dismiss(std::unique_ptr<Line> line)
{
    line->leave();
    if (!line->isGone())
        m_leaving.push_back(std::move(line));
}

/// A line of before that can go on as it is; null if there is none.
std::unique_ptr<TrunkLines::Line> TrunkLines::takeOld(Lines& before, const std::string& trunk,
                                                      const LineOptions& options)
{
    const auto fits = [&](const auto& entry) {
        return entry.first.first == trunk && entry.second->options() == options;
    };
    const auto found = std::ranges::find_if(before, fits);
    if (found == before.end())
        return nullptr;
    auto line = std::move(found->second);
    before.erase(found);
    return line;
}

bool TrunkLines::isBound(const LineOptions& options) const
{
    return std::ranges::any_of(
        m_lines, [&](const auto& entry) { return isSameBinding(entry.second->options(), options); });
}

/// Whoever registers the same binding anew has no good-bye sent behind it, which would end the new one.
void TrunkLines::update(const std::vector<Trunk>& trunks)
{
    Lines before = std::exchange(m_lines, {});
    for (const Trunk& values : trunks) {
        const auto trunk = std::make_shared<const Trunk>(values);
        for (std::size_t i = 0; i < trunk->accounts.size(); ++i) {
            LineOptions options = optionsOf(*trunk, trunk->accounts[i]);
            auto line = takeOld(before, trunk->name, options);
            if (line)
                line->setTrunk(trunk, i);
            else
                line = std::make_unique<Line>(*this, trunk, i, std::move(options));
            m_lines[{trunk->name, i}] = std::move(line);
        }
    }
    std::erase_if(m_leaving, [&](const auto& line) { return isBound(line->options()); });
    for (auto& [key, line] : before)
        if (!isBound(line->options()))
            dismiss(std::move(line));
    std::erase_if(m_turns, [&](const auto& turn) { return !m_lines.contains({turn.first, 0}); });
}

void TrunkLines::tick()
{
    for (const auto& [key, line] : m_lines)
        line->tick();
    for (const auto& line : m_leaving)
        line->tick();
    std::erase_if(m_leaving, [](const auto& line) { return line->isGone(); });
}

void TrunkLines::leave()
{
    auto all = std::exchange(m_lines, {});
    for (auto& [key, line] : all)
        dismiss(std::move(line));
    m_turns.clear();
}

const TrunkLines::Line* TrunkLines::lineOfContact(const std::string& user) const
{
    const auto found = std::ranges::find_if(
        m_lines, [&](const auto& entry) { return !user.empty() && entry.second->contactUser() == user; });
    return found != m_lines.end() ? found->second.get() : nullptr;
}

std::optional<TrunkCall> TrunkLines::callOf(const sip::InviteRequest& request) const
{
    if (const Line* line = lineOfContact(request.target))
        return TrunkCall{line->trunk(), line->account(), request.to.user};
    const Line* any = nullptr;
    const Line* named = nullptr;
    std::set<std::string> trunks;
    for (const auto& [key, line] : m_lines) {
        if (named == nullptr && line->isAt(request.source.address.address) && line->isNamedBy(request))
            named = line.get();
        if (!line->isFrom(request.source))
            continue;
        if (any == nullptr)
            any = line.get();
        trunks.insert(key.first);
    }
    const Line* const line = named != nullptr ? named : trunks.size() == 1 ? any : nullptr;
    if (line == nullptr)
        return std::nullopt;
    return TrunkCall{line->trunk(), line->account(), request.target};
}

bool TrunkLines::isPeer(const IpAddress& address) const
{
    return std::ranges::any_of(m_lines, [&](const auto& entry) { return entry.second->isAt(address); });
}

std::vector<TrunkWay> TrunkLines::ways(const std::string& trunk)
{
    std::vector<TrunkWay> all;
    for (auto at = m_lines.lower_bound({trunk, 0}); at != m_lines.end() && at->first.first == trunk; ++at)
        if (const auto way = at->second->way())
            all.push_back({at->second->trunk(), at->second->account(), *way});
    if (all.empty())
        return all;
    std::size_t& turn = m_turns[trunk];
    const auto first = std::ranges::find_if(all, [&](const TrunkWay& way) { return way.account >= turn; });
    std::rotate(all.begin(), first != all.end() ? first : all.begin(), all.end());
    turn = all.front().account + 1;
    return all;
}

std::vector<TrunkRow> TrunkLines::rows() const
{
    std::vector<TrunkRow> all;
    for (const auto& [key, line] : m_lines)
        all.push_back(line->row());
    return all;
}

} // namespace sr::pbx
