// SPDX-License-Identifier: GPL-3.0-or-later
// The two shapes of storage every format reads and writes: a source with ranges and an append-only sink.
#pragma once

#include "core/base/bytes.h"
#include "core/base/error.h"

#include <algorithm>

namespace sr {

/// Bytes of known length with random access. One thread at a time unless the implementation says more.
class ByteSource {
public:
    virtual ~ByteSource() = default;
    virtual std::uint64_t size() const = 0; ///< [octets]
    /// Fills `out` from `offset`; returns how many octets were there, less than asked only at the end.
    virtual Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) = 0;
    /// All octets, if they stand in memory as long as the source lives; else empty.
    virtual ByteView view() const { return {}; }
    /// A hint: these octets will be read soon.
    virtual void expect(std::uint64_t offset, std::uint64_t bytes) const
    {
        static_cast<void>(offset);
        static_cast<void>(bytes);
    }
};

/// Takes bytes in order.
class ByteSink {
public:
    virtual ~ByteSink() = default;
    virtual Status write(ByteView bytes) = 0; ///< all of them, or an error
    /// Room of the sink's own for all that will be written, good until its end: whoever fills it in order and
    /// writes from there spares the sink a copy. Empty: there is none.
    virtual std::span<std::byte> room(std::size_t bytes)
    {
        static_cast<void>(bytes);
        return {};
    }
};

/// A source over memory that the caller keeps alive.
class MemorySource final : public ByteSource {
public:
    explicit MemorySource(ByteView bytes)
        : m_bytes(bytes)
    {}
    std::uint64_t size() const override { return m_bytes.size(); }
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override
    {
        if (offset >= m_bytes.size())
            return std::size_t{0};
        const std::size_t count = std::min(out.size(), m_bytes.size() - static_cast<std::size_t>(offset));
        std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
        return count;
    }
    ByteView view() const override { return m_bytes; }

private:
    ByteView m_bytes;
};

/// A sink into memory.
class MemorySink final : public ByteSink {
public:
    Status write(ByteView bytes) override
    {
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
        return {};
    }
    const Bytes& bytes() const { return m_bytes; }
    Bytes take() { return std::move(m_bytes); }

private:
    Bytes m_bytes;
};

/// The whole source, refused above `limit` octets (BaseErrc::TooLarge) or when it ends early (Truncated).
Result<Bytes> readAll(ByteSource& source, std::uint64_t limit);

} // namespace sr
