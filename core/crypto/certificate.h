// SPDX-License-Identifier: GPL-3.0-or-later
// X.509 certificates for TLS in PEM (RFC 5280, RFC 7468): made, read and held against their key.
#pragma once

#include "core/base/clock.h"
#include "core/base/endpoint.h"
#include "core/crypto/errors.h"

#include <string>
#include <string_view>
#include <vector>

namespace sr::crypto {

/// What people and clients know a server by.
struct CertificateNames {
    std::vector<std::string> hosts; ///< DNS names; the first one is the common name, else the first address
    std::vector<IpAddress> addresses;
    bool operator==(const CertificateNames&) const = default;
};

struct CertificateFacts {
    CertificateNames names; ///< subject alternative names
    std::string commonName;
    UtcTime from{};
    UtcTime until{};
    std::string fingerprint; ///< SHA-256 of its DER, `AB:CD:...`
};

struct CertificateAndKey {
    std::string certificate; ///< PEM
    std::string key;         ///< PEM (PKCS #8), clear: the caller wipes it
};

/// ECDSA on P-256, signed by itself, good from a day before `now` for ten years. Any thread. Library.
Result<CertificateAndKey> makeCertificate(const CertificateNames& names, UtcTime now);

/// Of the first certificate in `pem`. Any thread. BadCertificate.
Result<CertificateFacts> readCertificate(std::string_view pem);

/// The certificates in `pem` one by one, in their order, each as PEM. BadCertificate if there are none or one
/// is damaged.
Result<std::vector<std::string>> splitCertificates(std::string_view pem);

/// Whether `key`, without a password, is that of the first certificate. BadCertificate, BadKey, KeyOfAnother.
Status checkKey(std::string_view certificate, std::string_view key);

} // namespace sr::crypto
