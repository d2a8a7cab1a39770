// SPDX-License-Identifier: GPL-3.0-or-later
// Text and paths in the form that Win32 takes, for the Win32 files of this folder.
#pragma once

#include "core/base/file.h"

#include <string>
#include <string_view>

namespace sr {

/// UTF-8 to UTF-16 and back; what is invalid becomes U+FFFD.
std::wstring wideOf(std::string_view utf8);
std::string utf8Of(std::wstring_view wide);

/// Absolute and with the prefix `\\?\`, so that it may be longer than 260 characters. Everything that goes to
/// Win32 goes through here.
std::wstring systemPath(const Path& path);

} // namespace sr
