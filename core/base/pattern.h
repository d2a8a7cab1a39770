// SPDX-License-Identifier: GPL-3.0-or-later
// Number patterns of the filters and rules: `*` any run, `?` one character (UTF-8 code points count as one).
#pragma once

#include <string_view>

namespace sr {

bool hasWildcards(std::string_view pattern) noexcept;
/// Whole text against the pattern; linear in text times stars, no recursion. Any thread.
bool matchesPattern(std::string_view pattern, std::string_view text) noexcept;

} // namespace sr
