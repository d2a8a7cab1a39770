// SPDX-License-Identifier: GPL-3.0-or-later
// What can go wrong in SIP: with the network, and with text that a peer sent.
#pragma once

#include "core/base/error.h"

namespace sr::sip {

enum class SipErrc {
    NotDigest = 1,      ///< credentials of another scheme, or none
    BadCredentials,     ///< digest credentials that break RFC 7616 §3.4: answer 400
    Listen,             ///< an address cannot be listened on
    UnknownAlgorithm,   ///< neither MD5 nor SHA-256, among them every `-sess`: challenge again
    CertificateExpired, ///< the certificate for TLS is past its time
    HalfIdentity,       ///< a certificate for TLS without its key, or the other way round
    BadChallenge,       ///< a digest challenge that breaks RFC 7616 §3.3
};

const std::error_category& sipCategory() noexcept;
inline std::error_code make_error_code(SipErrc e) noexcept
{
    return {static_cast<int>(e), sipCategory()};
}

} // namespace sr::sip

template <>
struct std::is_error_code_enum<sr::sip::SipErrc> : std::true_type {};
