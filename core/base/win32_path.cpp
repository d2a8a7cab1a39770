// SPDX-License-Identifier: GPL-3.0-or-later
// UTF-16 and long paths.
#include "core/base/win32_path.h"

#include <windows.h>

namespace sr {

std::wstring wideOf(std::string_view utf8)
{
    const int bytes = static_cast<int>(utf8.size());
    std::wstring wide(
        static_cast<std::size_t>(MultiByteToWideChar(CP_UTF8, 0, utf8.data(), bytes, nullptr, 0)), L'\0');
    MultiByteToWideChar(CP_UTF8, 0, utf8.data(), bytes, wide.data(), static_cast<int>(wide.size()));
    return wide;
}

std::string utf8Of(std::wstring_view wide)
{
    const int units = static_cast<int>(wide.size());
    std::string utf8(static_cast<std::size_t>(
                         WideCharToMultiByte(CP_UTF8, 0, wide.data(), units, nullptr, 0, nullptr, nullptr)),
                     '\0');
    WideCharToMultiByte(CP_UTF8, 0, wide.data(), units, utf8.data(), static_cast<int>(utf8.size()), nullptr,
                        nullptr);
    return utf8;
}

std::wstring systemPath(const Path& path)
{
    const std::wstring& given = path.native();
    if (given.starts_with(LR"(\\?\)") || given.starts_with(LR"(\\.\)"))
        return given;
    std::wstring whole(GetFullPathNameW(given.c_str(), 0, nullptr, nullptr), L'\0');
    whole.resize(GetFullPathNameW(given.c_str(), static_cast<DWORD>(whole.size()), whole.data(), nullptr));
    if (whole.starts_with(LR"(\\.\)")) // a device
        return whole;
    if (whole.starts_with(LR"(\\)"))
        return LR"(\\?\UNC)" + whole.substr(1);
    return LR"(\\?\)" + whole;
}

Path pathOf(std::string_view utf8)
{
    return Path(wideOf(utf8));
}

std::string utf8Of(const Path& path)
{
    return utf8Of(std::wstring_view(path.native()));
}

} // namespace sr
