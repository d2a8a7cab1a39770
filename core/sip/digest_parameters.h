// SPDX-License-Identifier: GPL-3.0-or-later
// The list of parameters that challenges and credentials of digest authentication have in common (RFC 7616
// §3.3 and §3.4). Internal to core/sip.
#pragma once

#include "core/sip/digest_secret.h"
#include "core/sip/sip_error.h"

#include <optional>
#include <span>

namespace sr::sip {

inline constexpr std::size_t kMaxCredentialBytes = 4096;     ///< of the whole value; chosen
inline constexpr std::size_t kMaxCredentialValueBytes = 512; ///< of one parameter, escapes undone; chosen

/// Puts what stands behind each of `names`, quotes and escapes undone, into the value of the same place. Any
/// parameter may be quoted or not; names and `Digest` in any case; unknown parameters are skipped, known ones
/// may stand there once (RFC 3261 §7.3.1). `values` are as many as `names`, and empty. Any thread.
///
/// Errors: SipErrc::NotDigest; `malformed`; BaseErrc::TooLarge. None of them quotes what the peer wrote.
Status takeDigestParameters(std::string_view headerValue, std::span<const std::string_view> names,
                            std::span<std::optional<std::string>> values, SipErrc malformed);

/// MD5 if nothing is said (RFC 7616 §3.4).
std::optional<DigestAlgorithm> digestAlgorithmOf(const std::optional<std::string>& name);

} // namespace sr::sip
