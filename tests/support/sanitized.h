// SPDX-License-Identifier: GPL-3.0-or-later
// Whether this is a build with a sanitizer: it keeps what is freed for a while, and takes its time.
#pragma once

namespace sr::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

} // namespace sr::test
