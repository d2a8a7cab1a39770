// SPDX-License-Identifier: GPL-3.0-or-later
// A nonce is hex of: when it was made (8 octets, big-endian), random (8), HMAC-SHA-256 of both (16 of 32).
#include "core/sip/nonce_guard.h"

#include "core/crypto/digest.h"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace sr::sip {
namespace {

constexpr std::size_t kTimeBytes = 8;
constexpr std::size_t kSignedBytes = kTimeBytes + 8;
constexpr std::size_t kMacBytes = 16; // half of the hash, the least that RFC 2104 §5 advises
constexpr std::size_t kNonceBytes = kSignedBytes + kMacBytes;

/// Nothing counts higher: no further use is good.
constexpr std::uint32_t kUsedUp = std::numeric_limits<std::uint32_t>::max();

} // namespace

NonceGuard::NonceGuard(const crypto::Secret& key, const Clock& clock, const NonceOptions& options)
    : m_mac(key)
    , m_clock(clock)
    , m_options(options)
    , m_start(clock.steadyNow())
{}

NonceGuard::Made NonceGuard::now() const
{
    using std::chrono::nanoseconds;
    return static_cast<Made>(std::chrono::duration_cast<nanoseconds>(m_clock.steadyNow() - m_start).count());
}

std::string NonceGuard::make()
{
    m_lastMade = std::max(now(), m_lastMade + 1); // its time names a nonce, also where the clock is coarse
    std::array<std::byte, kNonceBytes> nonce{};
    const std::span<std::byte> bytes(nonce);
    storeBe(nonce.data(), m_lastMade);
    if (!crypto::randomBytes(bytes.subspan(kTimeBytes, kSignedBytes - kTimeBytes)))
        std::abort();
    const crypto::Sha256 mac = m_mac.of(bytes.first(kSignedBytes));
    std::copy_n(mac.begin(), kMacBytes, nonce.begin() + kSignedBytes);
    return toHex(nonce);
}

NonceGuard::Verdict NonceGuard::take(const DigestCredentials& credentials, bool checksReplay)
{
    const auto nonce = fromHex(credentials.nonce);
    if (!nonce || nonce->size() != kNonceBytes)
        return Verdict::Foreign;
    const ByteView bytes(*nonce);
    const crypto::Sha256 mac = m_mac.of(bytes.first(kSignedBytes));
    if (!equalConstantTime(ByteView(mac).first(kMacBytes), bytes.subspan(kSignedBytes)))
        return Verdict::Foreign;
    const Made made = loadBe<Made>(bytes.data());
    if (isStale(made))
        return Verdict::Stale;
    if (!m_options.replayCheck || !checksReplay)
        return Verdict::Good;
    const bool counted = credentials.qop != DigestQop::None;
    const auto used = m_highest.find(made);
    if (used == m_highest.end()) {
        if (counted && credentials.nc == 0)
            return Verdict::Replayed; // it counts from 1
        remember(made, counted ? credentials.nc : kUsedUp);
        return Verdict::Good;
    }
    if (!counted || credentials.nc <= used->second)
        return Verdict::Replayed;
    used->second = credentials.nc;
    return Verdict::Good;
}

bool NonceGuard::isStale(Made made) const
{
    const auto lifetime = static_cast<Made>(std::chrono::nanoseconds(m_options.lifetime).count());
    return made <= m_forgotten || now() >= made + lifetime;
}

/// By first use, which is nearly the order in which they were made: one that was kept back for long stays a
/// little longer than it need.
void NonceGuard::forgetStale()
{
    while (!m_order.empty() && isStale(m_order.front())) {
        m_highest.erase(m_order.front());
        m_order.pop_front();
    }
}

void NonceGuard::remember(Made made, std::uint32_t count)
{
    forgetStale();
    if (m_order.size() >= std::max<std::size_t>(m_options.mostTracked, 1)) {
        m_forgotten = m_order.front(); // only grows: what was made before it is gone already
        forgetStale();
    }
    m_highest.emplace(made, count);
    m_order.push_back(made);
}

} // namespace sr::sip
