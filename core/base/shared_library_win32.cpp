// SPDX-License-Identifier: GPL-3.0-or-later
// Loading libraries on Win32.
#include "core/base/error.h"
#include "core/base/shared_library.h"

#include <windows.h>

#include <array>

namespace sr {

Result<std::unique_ptr<SharedLibrary>> SharedLibrary::open(const Path& path)
{
    if (!fileExists(path))
        return fail(BaseErrc::NotFound, utf8Of(path));
    // Its own needs are looked for beside it and in the system's folder, nowhere else.
    const HMODULE handle = ::LoadLibraryExW(path.c_str(), nullptr,
                                            LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_SYSTEM32);
    if (handle == nullptr)
        return fail(BaseErrc::Io, "load " + utf8Of(path) + " (" + std::to_string(::GetLastError()) + ")");
    return std::unique_ptr<SharedLibrary>(new SharedLibrary(handle));
}

SharedLibrary::~SharedLibrary()
{
    ::FreeLibrary(static_cast<HMODULE>(m_handle));
}

SharedLibrary::Address SharedLibrary::address(const char* name) const
{
    return reinterpret_cast<Address>(::GetProcAddress(static_cast<HMODULE>(m_handle), name));
}

Path systemFolder()
{
    std::array<wchar_t, MAX_PATH> folder{};
    const UINT length = ::GetSystemDirectoryW(folder.data(), static_cast<UINT>(folder.size()));
    return length == 0 || length >= folder.size() ? Path{} : Path(folder.data());
}

} // namespace sr
