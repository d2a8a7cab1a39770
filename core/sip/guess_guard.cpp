// SPDX-License-Identifier: GPL-3.0-or-later
// Four tables of bounded size: requests, failures and blocks by source, and who is trusted where.
#include "core/sip/guess_guard.h"

#include <algorithm>

namespace sr::sip {
namespace {

using std::chrono::seconds;

/// Of all sources together [failures of 16 octets].
constexpr std::size_t kMostFailures = std::size_t{1} << 21U;

IpAddress sourceOf(IpAddress address)
{
    if (!address.isV4())
        std::fill(address.octets.begin() + 8, address.octets.end(), std::uint8_t{0});
    return address;
}

/// `first` doubled `times` times, but no more than `longest`.
seconds doubled(seconds first, std::size_t times, seconds longest)
{
    for (; times > 0 && first < longest; --times)
        first *= 2;
    return std::min(first, longest);
}

std::size_t hashOf(std::string_view user)
{
    return std::hash<std::string_view>()(user);
}

std::size_t roomFor(const GuessLimits& limits)
{
    return std::min(limits.mostSources, kMostFailures / std::max(limits.blockAfter, 1U));
}

} // namespace

GuessGuard::GuessGuard(const Clock& clock, const GuessLimits& limits, OnBlock onBlock)
    : m_clock(clock)
    , m_limits(limits)
    , m_onBlock(std::move(onBlock))
    , m_buckets(limits.mostSources)
    , m_guesses(roomFor(limits))
    , m_blocks(limits.mostSources)
    , m_trusted(limits.mostTrusted)
{}

/// A source that is over its rate is first told so, then, when it does not listen, no more.
bool GuessGuard::admit(const IpAddress& from, std::string_view user)
{
    const IpAddress source = sourceOf(from);
    Trust* trust = trusted(source, user);
    if (trust != nullptr && take(trust->requests, m_limits.perSecond, m_limits.burst, 0))
        return true;
    if (const Block* block = m_blocks.find(source); block != nullptr && block->until > m_clock.steadyNow())
        return false;
    return take(m_buckets.use(source), m_limits.perSecond, m_limits.burst, -double(m_limits.burst)) &&
           take(m_all, m_limits.allPerSecond, m_limits.allBurst, 0);
}

GuessGuard::Answer GuessGuard::ask(const IpAddress& from, std::string_view user)
{
    const IpAddress source = sourceOf(from);
    const TimePoint now = m_clock.steadyNow();
    if (trusted(source, user) != nullptr)
        return {};
    if (const Block* block = m_blocks.find(source); block != nullptr && block->until > now)
        return {Verdict::Blocked, {}};
    if (const Bucket* bucket = m_buckets.find(source); bucket != nullptr && bucket->tokens.value_or(0) < 0)
        return {Verdict::Later, seconds(1)};
    if (const Guesses* guesses = m_guesses.find(source); guesses != nullptr && guesses->quietUntil > now)
        return {Verdict::Later, std::chrono::ceil<seconds>(guesses->quietUntil - now)};
    return {};
}

void GuessGuard::failed(const IpAddress& from, std::string_view user)
{
    const IpAddress source = sourceOf(from);
    const TimePoint now = m_clock.steadyNow();
    distrust(source, user);
    if (const Block* block = m_blocks.find(source); block != nullptr && block->until > now)
        return; // one who was trusted there: no reason for a longer block
    Guesses& guesses = m_guesses.use(source);
    std::erase_if(guesses.failures, [&](const Failure& f) { return now - f.when >= m_limits.window; });
    guesses.failures.push_back({now, hashOf(user)});
    const std::size_t count = guesses.failures.size();
    if (count >= m_limits.blockAfter)
        block(source, user);
    else if (count >= m_limits.slowAfter)
        guesses.quietUntil = now + doubled(seconds(1), count - m_limits.slowAfter, m_limits.longestDelay);
}

void GuessGuard::succeeded(const IpAddress& from, std::string_view user)
{
    const IpAddress source = sourceOf(from);
    Trust& trust = m_trusted.use({source, std::string(user)});
    trust.success = m_clock.steadyNow();
    trust.failures = 0;
    Guesses* guesses = m_guesses.find(source);
    if (guesses == nullptr)
        return;
    std::erase_if(guesses->failures, [mine = hashOf(user)](const Failure& f) { return f.user == mine; });
    if (guesses->failures.empty())
        m_guesses.erase(source);
}

GuessGuard::Trust* GuessGuard::trusted(const IpAddress& source, std::string_view user)
{
    Trust* trust = m_trusted.find(Pair(source, user));
    return trust != nullptr && m_clock.steadyNow() - trust->success < m_limits.trust ? trust : nullptr;
}

void GuessGuard::distrust(const IpAddress& source, std::string_view user)
{
    const Pair pair(source, user);
    if (Trust* trust = m_trusted.find(pair); trust != nullptr && ++trust->failures >= m_limits.slowAfter)
        m_trusted.erase(pair);
}

/// It fills up evenly, to the burst at most, and may be emptied down to `least`.
bool GuessGuard::take(Bucket& bucket, unsigned perSecond, unsigned burst, double least) const
{
    const TimePoint now = m_clock.steadyNow();
    const double full = burst;
    const std::chrono::duration<double> since = now - bucket.filled;
    const double tokens = std::min(full, bucket.tokens.value_or(full) + since.count() * perSecond);
    const bool isEnough = tokens - 1 >= least;
    bucket = {isEnough ? tokens - 1 : tokens, now};
    return isEnough;
}

void GuessGuard::block(const IpAddress& source, std::string_view user)
{
    const TimePoint now = m_clock.steadyNow();
    m_guesses.erase(source);
    Block& block = m_blocks.use(source);
    if (now - block.until >= m_limits.longestBlock)
        block.times = 0;
    const seconds length = doubled(m_limits.firstBlock, block.times, m_limits.longestBlock);
    block.source = source;
    block.until = now + length;
    block.times = block.times + 1;
    block.lastUser = std::string(user.substr(0, kMaxUserBytes));
    if (m_onBlock)
        m_onBlock(block, length);
}

std::vector<GuessGuard::Block> GuessGuard::blocked() const
{
    std::vector<Block> all;
    m_blocks.forEach([&, now = m_clock.steadyNow()](const IpAddress&, const Block& block) {
        if (block.until > now)
            all.push_back(block);
    });
    return all;
}

bool GuessGuard::unblock(const IpAddress& address)
{
    const IpAddress source = sourceOf(address);
    const Block* block = m_blocks.find(source);
    if (block == nullptr || block->until <= m_clock.steadyNow())
        return false;
    m_blocks.erase(source);
    m_guesses.erase(source);
    return true;
}

std::size_t GuessGuard::tracked() const
{
    return m_buckets.size() + m_guesses.size() + m_blocks.size() + m_trusted.size();
}

} // namespace sr::sip
