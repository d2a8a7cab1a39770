// SPDX-License-Identifier: GPL-3.0-or-later
// Archives of the original recorder: the same tree and names, without our archive.xml and journals. They are
// read, listed from their names and never written.
#pragma once

#include "core/base/file.h"

#include <string>

namespace sr::archive {

/// Catalog position that stands for the whole tree: no journal tells what changed there.
constexpr std::string_view kTreeMark = "tree";

/// The original's central files in TMP, or a month folder with a recording in it.
bool looksLikeOriginal(const Path& root);
/// 32 hex digits from where it stands, since nothing in it names it.
std::string idOfOriginal(const Path& root);
/// Another number for other names or sizes in the month folders, below 2^63.
Result<std::uint64_t> markOfTree(const Path& root);

} // namespace sr::archive
