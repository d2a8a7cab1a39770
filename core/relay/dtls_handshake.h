// SPDX-License-Identifier: GPL-3.0-or-later
// One DTLS handshake that yields SRTP keys (RFC 5763, RFC 5764): DTLS 1.2 (RFC 6347) by OpenSSL, datagrams in
// and out by hand. Limits: no application data, no new keys without a new handshake.
#pragma once

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/rtp/fingerprint.h"
#include "core/rtp/stream.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sr::relay {

enum class DtlsRole : std::uint8_t {
    Client, ///< setup:active (RFC 4145 §4): sends first
    Server, ///< setup:passive
};

/// The certificate that all our handshakes show, and what they have in common.
class DtlsIdentity {
public:
    /// A certificate of its own, ECDSA on P-256. Dtls; what crypto::makeCertificate() returns.
    static Result<std::shared_ptr<const DtlsIdentity>> make(UtcTime now);
    ~DtlsIdentity();
    DtlsIdentity(const DtlsIdentity&) = delete;
    DtlsIdentity& operator=(const DtlsIdentity&) = delete;
    /// SHA-256 in the form of a=fingerprint: `sha-256 AB:CD:...`. Any thread.
    const std::string& fingerprint() const noexcept { return m_fingerprint; }

private:
    friend class DtlsHandshake;
    struct Impl;
    DtlsIdentity();
    std::unique_ptr<Impl> m_impl;
    std::string m_fingerprint;
};

struct DtlsKeys {
    rtp::SrtpKey ours;   ///< under which we send
    rtp::SrtpKey theirs; ///< under which the peer sends
};

/// One thread at a time.
class DtlsHandshake {
public:
    enum class State : std::uint8_t { UnderWay, Done, Failed };
    using Send = std::function<void(ByteView datagram)>;

    static constexpr std::size_t kMostDatagram = 2048; ///< of the peer's; longer ones are not DTLS of a phone
    static constexpr std::size_t kDatagram = 1200;     ///< of ours at most: fits every way [octets]

    /// Only who has a certificate with one of these hashes gets through: of those of the strongest hash among
    /// them (RFC 8122 §5). Dtls.
    static Result<std::unique_ptr<DtlsHandshake>> open(std::shared_ptr<const DtlsIdentity> identity,
                                                       DtlsRole role, std::vector<rtp::Fingerprint> peer);
    ~DtlsHandshake();
    DtlsHandshake(const DtlsHandshake&) = delete;
    DtlsHandshake& operator=(const DtlsHandshake&) = delete;

    /// The client's first message; of a server nothing. What goes out goes to `send` during the call.
    State start(const Send& send);
    /// A datagram of the peer's. Also once it is done, for then the peer may not have heard our last words.
    State take(ByteView datagram, const Send& send);
    /// Sends again what got no answer, if timeout() has passed. Failed after a dozen times.
    State turn(const Send& send);
    /// Until turn() has something to do; nothing: it waits for the peer alone.
    std::optional<microseconds> timeout() const;
    /// Once it is Done. Dtls if the peer wants no SRTP or none of our profiles.
    Result<DtlsKeys> keys() const;

private:
    struct Impl;
    explicit DtlsHandshake(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace sr::relay
