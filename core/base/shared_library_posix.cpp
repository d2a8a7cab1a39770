// SPDX-License-Identifier: GPL-3.0-or-later
// Loading libraries on POSIX.
#include "core/base/error.h"
#include "core/base/shared_library.h"

#include <dlfcn.h>

namespace sr {

Result<std::unique_ptr<SharedLibrary>> SharedLibrary::open(const Path& path)
{
    if (!fileExists(path))
        return fail(BaseErrc::NotFound, utf8Of(path));
    void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr)
        return fail(BaseErrc::Io, "load " + utf8Of(path) + " (" + ::dlerror() + ")");
    return std::unique_ptr<SharedLibrary>(new SharedLibrary(handle));
}

SharedLibrary::~SharedLibrary()
{
    ::dlclose(m_handle);
}

SharedLibrary::Address SharedLibrary::address(const char* name) const
{
    return reinterpret_cast<Address>(::dlsym(m_handle, name));
}

Path systemFolder()
{
    return {};
}

} // namespace sr
