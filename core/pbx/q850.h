// SPDX-License-Identifier: GPL-3.0-or-later
// Causes of a release (Q.850), as call data records tell them, and their relation to SIP.
#pragma once

#include <optional>
#include <string_view>

namespace sr::pbx::q850 {

inline constexpr int kNone = 0; ///< whoever released gave no cause; so it stands in the reference's records
inline constexpr int kNormal = 16;
inline constexpr int kBusy = 17;
inline constexpr int kNoResponse = 18;
inline constexpr int kNotSelected = 26; ///< another took the call, or it went on without the released one
inline constexpr int kTemporaryFailure = 41;

/// Of a refusal (RFC 3398 8.2.6.1). Deviation: 408 is 18, as 7.2.4.1 has it the other way round, since
/// receivers know 102 of broken lines only; 487 is 16, and 488 and 606 are 65, for which it has no value.
int causeOfStatus(int status);

/// With what status an invitation is refused for a cause (RFC 3398 7.2.4.1); 480 for those without an
/// error, 500 for those that it does not list.
int statusOfCause(int cause);

/// The cause in a Reason header (RFC 3326), such as `Q.850;cause=16;text="Terminated"`; nothing if it has
/// none of Q.850.
std::optional<int> causeOfReason(std::string_view header);

} // namespace sr::pbx::q850
