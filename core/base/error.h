// SPDX-License-Identifier: GPL-3.0-or-later
// Error codes of the base layer, and the helper with which every module makes its own.
#pragma once

#include "core/base/result.h"

#include <string>
#include <system_error>

namespace sr {

/// What can go wrong with a file or a long job, whatever the platform.
enum class BaseErrc {
    NotFound = 1, ///< no such file or folder
    Exists,       ///< refused, because the name is taken
    Denied,       ///< no permission
    DiskFull,     ///< no space or quota left
    TooLarge,     ///< longer than the caller's limit
    Truncated,    ///< ended before what its own header promises
    Locked,       ///< another program holds the lock
    Cancelled,    ///< the person stopped the job
    Malformed,    ///< the bytes are not what they claim to be
    Io,           ///< any other failure of the device
};

const std::error_category& baseCategory() noexcept;
inline std::error_code make_error_code(BaseErrc e) noexcept
{
    return {static_cast<int>(e), baseCategory()};
}

/// Category over an enum: `name` for logs and `text(enumerator)` as the sentence.
template <typename Enum>
class EnumCategory final : public std::error_category {
public:
    using Text = const char* (*)(Enum) noexcept;
    constexpr EnumCategory(const char* name, Text text) noexcept
        : m_name(name)
        , m_text(text)
    {}
    const char* name() const noexcept override { return m_name; }
    std::string message(int value) const override { return m_text(static_cast<Enum>(value)); }

private:
    const char* m_name;
    Text m_text;
};

/// `fail(BaseErrc::NotFound, "open /x")`: any module's enum that has make_error_code().
template <typename Enum>
Error fail(Enum code, std::string context)
{
    return Error{make_error_code(code), std::move(context)};
}

} // namespace sr

template <>
struct std::is_error_code_enum<sr::BaseErrc> : std::true_type {};
