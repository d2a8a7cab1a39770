// SPDX-License-Identifier: GPL-3.0-or-later
// Value-or-error return type, shaped like std::expected (which g++ 12 offers only with -std=c++23).
#pragma once

#include <cassert>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace sr {

/// Why an operation failed: a code callers branch on, and an English sentence for the log.
struct Error {
    std::error_code code;
    std::string context;

    /// One line for logs and terminals: context, then what the code means.
    std::string text() const { return context.empty() ? code.message() : context + ": " + code.message(); }
};

/// Holds either a T or an E. Hot paths use a small enum for E; everything else uses Error.
template <typename T, typename E = Error>
class [[nodiscard]] Result {
public:
    Result(T value)
        : m_state(std::in_place_index<0>, std::move(value))
    {}
    Result(E error)
        : m_state(std::in_place_index<1>, std::move(error))
    {}

    explicit operator bool() const noexcept { return m_state.index() == 0; }

    const T& value() const& noexcept
    {
        assert(*this);
        return *std::get_if<0>(&m_state);
    }
    T& value() & noexcept
    {
        assert(*this);
        return *std::get_if<0>(&m_state);
    }
    T&& value() && noexcept
    {
        assert(*this);
        return std::move(*std::get_if<0>(&m_state));
    }
    const T* operator->() const noexcept { return &value(); }
    T* operator->() noexcept { return &value(); }
    const T& operator*() const& noexcept { return value(); }
    T& operator*() & noexcept { return value(); }
    T&& operator*() && noexcept { return std::move(*this).value(); }
    T valueOr(T fallback) && { return *this ? std::move(*this).value() : std::move(fallback); }
    const E& error() const noexcept
    {
        assert(!*this);
        return *std::get_if<1>(&m_state);
    }

private:
    std::variant<T, E> m_state;
};

/// Success, or why not.
template <typename E>
class [[nodiscard]] Result<void, E> {
public:
    Result() = default;
    Result(E error)
        : m_error(std::move(error))
    {}

    explicit operator bool() const noexcept { return !m_error.has_value(); }
    const E& error() const noexcept
    {
        assert(m_error);
        return *m_error;
    }

private:
    std::optional<E> m_error;
};

using Status = Result<void>;

} // namespace sr
