// SPDX-License-Identifier: GPL-3.0-or-later
// A library that may or may not be on the machine, loaded while the program runs.
#pragma once

#include "core/base/file.h"

#include <memory>

namespace sr {

/// Any thread. Unloaded when it dies; functions taken from it are then gone.
class SharedLibrary {
public:
    /// `path` is whole, so that nothing from the working folder is loaded. NotFound, or Io with the system's
    /// reason.
    static Result<std::unique_ptr<SharedLibrary>> open(const Path& path);
    ~SharedLibrary();
    SharedLibrary(const SharedLibrary&) = delete;
    SharedLibrary& operator=(const SharedLibrary&) = delete;

    /// Sets `function`; false: the library has none of that name.
    template <typename Function>
    bool find(const char* name, Function*& function) const
    {
        function = reinterpret_cast<Function*>(address(name));
        return function != nullptr;
    }

private:
    using Address = void (*)();
    explicit SharedLibrary(void* handle)
        : m_handle(handle)
    {}
    Address address(const char* name) const;
    void* m_handle;
};

/// Of Windows itself, `C:\Windows\System32`; empty elsewhere.
Path systemFolder();

} // namespace sr
