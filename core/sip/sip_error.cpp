// SPDX-License-Identifier: GPL-3.0-or-later
// The sentences of SIP errors.
#include "core/sip/sip_error.h"

namespace sr::sip {
namespace {

const char* textOf(SipErrc code) noexcept
{
    switch (code) {
    case SipErrc::NotDigest:
        return "not digest authentication";
    case SipErrc::BadCredentials:
        return "the digest credentials are malformed";
    case SipErrc::Listen:
        return "this address cannot be listened on; another program may have it, or the machine lacks it";
    case SipErrc::UnknownAlgorithm:
        return "this digest algorithm is not supported";
    case SipErrc::CertificateExpired:
        return "this certificate has expired; put a new one there, or clear sip.tlsCertificate and "
               "sip.tlsKey";
    case SipErrc::HalfIdentity:
        return "certificate and key belong together: set both sip.tlsCertificate and sip.tlsKey, or neither";
    case SipErrc::BadChallenge:
        return "the digest challenge is malformed";
    }
    return "unknown SIP error";
}

} // namespace

const std::error_category& sipCategory() noexcept
{
    static const EnumCategory<SipErrc> category("sip", textOf);
    return category;
}

} // namespace sr::sip
