// SPDX-License-Identifier: GPL-3.0-or-later
// A Win32 handle that is closed when its owner dies.
#pragma once

#include <windows.h>

#include <utility>

namespace sr {

class Win32Handle {
public:
    explicit Win32Handle(HANDLE handle = INVALID_HANDLE_VALUE)
        : m_handle(handle)
    {}
    ~Win32Handle()
    {
        if (*this)
            CloseHandle(m_handle);
    }
    Win32Handle(const Win32Handle&) = delete;
    Win32Handle& operator=(const Win32Handle&) = delete;

    explicit operator bool() const { return m_handle != INVALID_HANDLE_VALUE && m_handle != nullptr; }
    HANDLE get() const { return m_handle; }
    HANDLE release() { return std::exchange(m_handle, INVALID_HANDLE_VALUE); }

private:
    HANDLE m_handle;
};

} // namespace sr
