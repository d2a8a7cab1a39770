// SPDX-License-Identifier: GPL-3.0-or-later
// Overwriting secrets through the library's cleanse, which the optimiser cannot see through.
#include "core/crypto/wipe.h"

#include <openssl/crypto.h>

namespace sr::crypto {

void wipe(std::span<std::byte> bytes) noexcept
{
    OPENSSL_cleanse(bytes.data(), bytes.size());
}

void wipe(std::string& text) noexcept
{
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

} // namespace sr::crypto
