// SPDX-License-Identifier: GPL-3.0-or-later
// The certificate and key by which the exchange is known over TLS, and whom it trusts, in a folder as Sofia
// reads it.
#pragma once

#include "core/base/file.h"
#include "core/crypto/certificate.h"

namespace sr::sip {

struct TlsOptions {
    Path folder;                    ///< `<config>/tls`, private; made where it is not there
    Path certificate;               ///< PEM: leaf, intermediates, root; empty: one of our own is made, once
    Path key;                       ///< PEM without a password; empty with the certificate
    crypto::CertificateNames names; ///< of one of our own
    std::string trusted = {};       ///< PEM: authorities that prove those whom we connect to
};

struct TlsIdentity {
    Path sofiaFolder; ///< with `agent.pem` (leaf and key) and `cafile.pem` (what proves the leaf, and others)
    crypto::CertificateFacts facts;
    bool isNew = false; ///< one of our own was made now: people want its fingerprint
};

/// Reads or makes it. One of our own lasts until a month before it expires, then a new one takes its place;
/// whatever the names are by then. Blocks on the disk. Errors name the file: crypto's BadCertificate, BadKey,
/// KeyOfAnother; SipErrc::CertificateExpired; those of files.
Result<TlsIdentity> prepareTls(const TlsOptions& options, const Clock& clock);

} // namespace sr::sip
