// SPDX-License-Identifier: GPL-3.0-or-later
// Sentences of the crypto error codes.
#include "core/crypto/errors.h"

namespace sr::crypto {
namespace {

const char* text(CryptoErrc e) noexcept
{
    switch (e) {
    case CryptoErrc::NotSealed:
        return "not a sealed file";
    case CryptoErrc::UnknownKey:
        return "sealed with a key that is not in the key ring";
    case CryptoErrc::WrongKey:
        return "the key of that name does not open it, or its wrapped key was altered";
    case CryptoErrc::WrongPassphrase:
        return "the passphrase is wrong, or the content was altered";
    case CryptoErrc::Altered:
        return "altered: bytes were changed, swapped or cut";
    case CryptoErrc::NewerVersion:
        return "written by a newer version of the program; left untouched";
    case CryptoErrc::Library:
        return "the crypto library refused";
    case CryptoErrc::DamagedSecrets:
        return "the keys of this machine are damaged";
    case CryptoErrc::BadCertificate:
        return "no certificate in PEM, or a damaged one";
    case CryptoErrc::BadKey:
        return "no private key in PEM without a password";
    case CryptoErrc::KeyOfAnother:
        return "the private key is not that of the first certificate; the order is leaf, intermediates, root";
    }
    return "unknown crypto error";
}

} // namespace

const std::error_category& cryptoCategory() noexcept
{
    static const EnumCategory<CryptoErrc> category("crypto", &text);
    return category;
}

} // namespace sr::crypto
