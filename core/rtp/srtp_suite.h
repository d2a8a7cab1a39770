// SPDX-License-Identifier: GPL-3.0-or-later
// The SRTP suites we know, and library sessions under them. Internal to core/rtp: what SrtpReceiver and
// SrtpSender share.
#pragma once

#include "core/rtp/srtp.h"

#include <memory>
#include <string>
#include <vector>

extern "C" {
struct srtp_crypto_policy_t;
struct srtp_ctx_t_;
}

namespace sr::rtp {

struct SrtpSuite {
    using Set = void (*)(srtp_crypto_policy_t*);
    const char* name;
    std::size_t keySalt; // [octets]
    std::size_t tag;     // of SRTP [octets]
    Set set;
    std::size_t rtcpTag; // of SRTCP [octets]: the short tags are for sound only (RFC 4568 §6.2)
    Set setRtcp;
    bool aead = false;
};

struct SrtpSessionDeleter {
    void operator()(srtp_ctx_t_* session) const;
};
using SrtpSession = std::unique_ptr<srtp_ctx_t_, SrtpSessionDeleter>;

/// A key whose suite is there, with what it takes to make sessions.
class SrtpMaster {
public:
    /// UnknownSuite, BadKeyLength, Library.
    static Result<SrtpMaster> of(const SrtpKey& key);
    SrtpMaster(SrtpMaster&&) = default;
    ~SrtpMaster();

    const SrtpSuite& suite() const noexcept { return *m_suite; }
    const std::string& mki() const noexcept { return m_mki; }
    /// For one SSRC, at roll-over count 0; null if the library refuses.
    SrtpSession newSession(std::uint32_t ssrc) const;

private:
    SrtpMaster() = default;
    const SrtpSuite* m_suite = nullptr;
    std::vector<unsigned char> m_key;
    std::string m_mki;
};

/// `status` is an srtp_err_status_t that is not ok.
SrtpErrc srtpErrorOf(int status) noexcept;

} // namespace sr::rtp
