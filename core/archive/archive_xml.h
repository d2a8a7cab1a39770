// SPDX-License-Identifier: GPL-3.0-or-later
// TMP/archive.xml: which archive this is and in which time zone its names are. Authenticated like a sidecar.
#pragma once

#include "core/crypto/key_ring.h"

#include <string>
#include <string_view>

namespace sr::archive {

struct ArchiveXml {
    std::string id;   ///< 32 hex digits
    std::string zone; ///< IANA id
};

constexpr std::string_view kArchiveXmlFile = "TMP/archive.xml";
constexpr std::uint64_t kArchiveXmlMax = 64U << 10U;

std::string writeArchiveXml(const ArchiveXml& archive, const crypto::Key& integrityKey);
/// CryptoErrc::UnknownKey or Altered first; then ArchiveErrc::NewerVersion or BadArchiveXml. Every version
/// ends in the same seal, so that a newer one is told from a changed one.
Result<ArchiveXml> readArchiveXml(std::string_view document, const crypto::KeyRing& ring);

} // namespace sr::archive
