// SPDX-License-Identifier: GPL-3.0-or-later
// The names in the certificate of a TLS server. Internal to core/sip.
#pragma once

struct v3_ext_method;

namespace sr::sip {

/// Sofia 1.12.11 reads the alternative names of a certificate for each connection that it makes, and never
/// frees them, 200 octets. `method` (of X509V3_EXT_get()), such that those that were read by it last on this
/// thread are freed by the next; other methods as they are.
const v3_ext_method* namesOf(const v3_ext_method* method);
/// The last ones of this thread; before it ends.
void freeLastCertificateNames();

} // namespace sr::sip
