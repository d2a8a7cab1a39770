// SPDX-License-Identifier: GPL-3.0-or-later
// Exceptions that nobody handles.
#include "core/base/crash_note.h"
#include "core/base/win32_handle.h"
#include "core/base/win32_path.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace sr {
namespace {

constexpr DWORD kFramesMost = 64;

// The filter gets nothing but the exception.
std::wstring path;
std::string about;

void put(HANDLE file, const char* text, int count)
{
    DWORD written = 0;
    if (count > 0)
        ::WriteFile(file, text, static_cast<DWORD>(count), &written, nullptr);
}

void putFrame(HANDLE file, void* at)
{
    HMODULE module = nullptr;
    std::array<char, MAX_PATH> name{};
    constexpr DWORD kOf =
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT;
    if (::GetModuleHandleExA(kOf, static_cast<const char*>(at), &module) != 0)
        ::GetModuleFileNameA(module, name.data(), static_cast<DWORD>(name.size() - 1));
    std::array<char, MAX_PATH + 64> line{};
    const auto offset = reinterpret_cast<std::uintptr_t>(at) - reinterpret_cast<std::uintptr_t>(module);
    put(file, line.data(),
        std::snprintf(line.data(), line.size(), "%s(+0x%llx)\n", name.data(),
                      static_cast<unsigned long long>(offset)));
}

LONG WINAPI onCrash(EXCEPTION_POINTERS* exception)
{
    HANDLE file = ::CreateFileW(path.c_str(), FILE_APPEND_DATA, FILE_SHARE_READ, nullptr, OPEN_ALWAYS,
                                FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE)
        return EXCEPTION_CONTINUE_SEARCH;
    LARGE_INTEGER size = {};
    if (::GetFileSizeEx(file, &size) != 0 && static_cast<std::uint64_t>(size.QuadPart) < kCrashNotesMost) {
        std::array<char, 512> line{};
        put(file, line.data(),
            std::snprintf(line.data(), line.size(), "%s\ntime %lld exception 0x%lx at 0x%llx\n",
                          about.c_str(), static_cast<long long>(std::time(nullptr)),
                          exception->ExceptionRecord->ExceptionCode,
                          static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(
                              exception->ExceptionRecord->ExceptionAddress))));
        putFrame(file, exception->ExceptionRecord->ExceptionAddress);
        std::array<void*, kFramesMost> frames{};
        const USHORT count = ::CaptureStackBackTrace(0, kFramesMost, frames.data(), nullptr);
        for (USHORT i = 0; i < count; ++i)
            putFrame(file, frames.at(i));
        put(file, "\n", 1);
    }
    ::CloseHandle(file);
    return EXCEPTION_CONTINUE_SEARCH;
}

} // namespace

Status noteCrashes(const Path& file, const std::string& line)
{
    path = systemPath(file);
    about = line.substr(0, 255);
    ::SetUnhandledExceptionFilter(onCrash);
    return {};
}

} // namespace sr
