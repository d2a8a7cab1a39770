// SPDX-License-Identifier: GPL-3.0-or-later
// The hash of a certificate, by which descriptions name who may take part in a DTLS handshake (RFC 8122 §5).
#pragma once

#include "core/base/bytes.h"

#include <string>

namespace sr::rtp {

struct Fingerprint {
    std::string hash; ///< sha-1, sha-224, sha-256, sha-384, sha-512, in small letters
    Bytes octets;     ///< as many as that hash has
    bool operator==(const Fingerprint&) const = default;
};

} // namespace sr::rtp
