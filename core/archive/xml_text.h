// SPDX-License-Identifier: GPL-3.0-or-later
// Writing XML by hand, octet for octet the same each time, and the authenticated end every document of ours
// has.
#pragma once

#include "core/crypto/key_ring.h"

#include <string>
#include <string_view>

namespace sr::archive {

/// Text for an element or attribute: valid UTF-8, no control characters (they become U+FFFD), markup escaped,
/// at most `limit` octets of the original kept.
std::string xmlEscaped(std::string_view text, std::size_t limit = 4096);

/// ` name="value"`, escaped.
std::string xmlAttribute(std::string_view name, std::string_view value);
std::string xmlAttribute(std::string_view name, std::uint64_t value);

/// `body` + `<hmac key="ID">MAC</hmac>` + `tail`; the MAC (HMAC-SHA-256) covers every octet before itself.
std::string authenticated(std::string body, std::string_view tail, const crypto::Key& integrityKey);

/// Checks such a document; every octet of it counts. CryptoErrc::UnknownKey, Altered.
Status checkAuthenticated(std::string_view document, std::string_view tail, const crypto::KeyRing& ring);

} // namespace sr::archive
