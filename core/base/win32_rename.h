// SPDX-License-Identifier: GPL-3.0-or-later
// Renaming and deleting what others hold open, for the Win32 files of this folder.
#pragma once

#include <windows.h>

#include <string>
#include <string_view>

namespace sr {

/// Opens for renaming and deleting, a link itself and not what it leads to; check the handle.
HANDLE openToMove(const std::wstring& path, bool folders = false);

/// Renames an open file or folder. Where the system knows no POSIX semantics (FAT, some shares, Wine 8), an
/// open target is moved aside first: its name is missing for a moment. Win32 error, 0 if done.
DWORD renameOpen(HANDLE file, const std::wstring& to, bool replace);

/// The name is free at once, the octets go when the last one closes the file. Without POSIX semantics it is
/// moved to a hidden name in `aside`, a folder of the same volume, to free its own. Win32 error, 0 if done.
DWORD removeOpen(HANDLE file, const std::wstring& aside);

/// A name that removeOpen() gave: a deleted file that somebody still holds open.
bool isGone(std::wstring_view name);

} // namespace sr
