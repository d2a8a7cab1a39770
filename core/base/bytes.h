// SPDX-License-Identifier: GPL-3.0-or-later
// Bytes: spans, big and little endian loads and stores, hex, and a reader that cannot run past its end.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sr {

using ByteView = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

inline ByteView bytesOf(std::string_view text)
{
    return std::as_bytes(std::span(text.data(), text.size()));
}
inline std::string_view textOf(ByteView bytes)
{
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

namespace detail {

/// Octets in the other order, in one instruction: g++ 12 leaves a loop over memory as it stands.
template <typename T>
constexpr T reversed(T value) noexcept
{
    static_assert(std::is_unsigned_v<T>);
    if constexpr (sizeof(T) == 2)
        return __builtin_bswap16(value);
    else if constexpr (sizeof(T) == 4)
        return __builtin_bswap32(value);
    else if constexpr (sizeof(T) == 8)
        return __builtin_bswap64(value);
    else
        return value;
}

template <std::endian Order, typename T>
T load(const std::byte* p) noexcept
{
    static_assert(std::is_unsigned_v<T>);
    T value = 0;
    std::memcpy(&value, p, sizeof value);
    return std::endian::native == Order ? value : reversed(value);
}

template <std::endian Order, typename T>
void store(std::byte* p, T value) noexcept
{
    static_assert(std::is_unsigned_v<T>);
    if constexpr (std::endian::native != Order)
        value = reversed(value);
    std::memcpy(p, &value, sizeof value);
}

} // namespace detail

/// Big-endian unsigned at `p`; the caller has checked that sizeof(T) bytes are there.
template <typename T>
T loadBe(const std::byte* p) noexcept
{
    return detail::load<std::endian::big, T>(p);
}
template <typename T>
T loadLe(const std::byte* p) noexcept
{
    return detail::load<std::endian::little, T>(p);
}
template <typename T>
void storeBe(std::byte* p, T value) noexcept
{
    detail::store<std::endian::big>(p, value);
}
template <typename T>
void storeLe(std::byte* p, T value) noexcept
{
    detail::store<std::endian::little>(p, value);
}

/// Lower-case hex of the bytes.
std::string toHex(ByteView bytes);
/// Bytes of an even number of hex digits in either case; nothing for anything else.
std::optional<Bytes> fromHex(std::string_view hex);

/// Equal in time that depends on the length only. For secrets and MACs.
bool equalConstantTime(ByteView a, ByteView b) noexcept;

/// Reads forward through a span; after the first short read it stays failed and returns zeros.
class ByteReader {
public:
    explicit ByteReader(ByteView bytes)
        : m_bytes(bytes)
    {}

    template <typename T>
    T be() noexcept
    {
        const ByteView part = take(sizeof(T));
        return part.empty() ? T{} : loadBe<T>(part.data());
    }
    template <typename T>
    T le() noexcept
    {
        const ByteView part = take(sizeof(T));
        return part.empty() ? T{} : loadLe<T>(part.data());
    }
    /// The next `count` bytes, or an empty span and a failed reader.
    ByteView take(std::size_t count) noexcept
    {
        if (count > remaining()) {
            m_failed = true;
            m_at = m_bytes.size();
            return {};
        }
        const ByteView part = m_bytes.subspan(m_at, count);
        m_at += count;
        return part;
    }

    std::size_t at() const noexcept { return m_at; } ///< [octets] from the start
    std::size_t remaining() const noexcept { return m_bytes.size() - m_at; }
    bool failed() const noexcept { return m_failed; }

private:
    ByteView m_bytes;
    std::size_t m_at = 0;
    bool m_failed = false;
};

} // namespace sr
