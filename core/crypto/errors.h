// SPDX-License-Identifier: GPL-3.0-or-later
// What can go wrong with keys and sealed bytes.
#pragma once

#include "core/base/error.h"

namespace sr::crypto {

enum class CryptoErrc {
    NotSealed = 1,   ///< the magic is not there
    UnknownKey,      ///< sealed with a key that is not in the ring
    WrongKey,        ///< the ring's key of that id does not unwrap it
    WrongPassphrase, ///< a passphrase or password does not open this
    Altered,         ///< authentication failed: bytes were changed, swapped or cut
    NewerVersion,    ///< written by a newer program; left untouched
    Library,         ///< OpenSSL refused
    DamagedSecrets,  ///< `<config>/keys/secrets` is not whole; left untouched
    BadCertificate,  ///< no certificate in PEM, or a damaged one
    BadKey,          ///< no private key in PEM, or one with a password
    KeyOfAnother,    ///< the private key is not that of the certificate
};

const std::error_category& cryptoCategory() noexcept;
inline std::error_code make_error_code(CryptoErrc e) noexcept
{
    return {static_cast<int>(e), cryptoCategory()};
}

} // namespace sr::crypto

template <>
struct std::is_error_code_enum<sr::crypto::CryptoErrc> : std::true_type {};
