// SPDX-License-Identifier: GPL-3.0-or-later
// What the crypto tests share: a clock that stands, bytes that differ everywhere, a sink that breaks.
#pragma once

#include "core/base/file.h"
#include "core/crypto/key_ring.h"

namespace sr::test {

class StandingClock final : public Clock {
public:
    UtcTime utcNow() const override { return UtcTime(microseconds(1'764'000'000'123'456)); }
    std::chrono::steady_clock::time_point steadyNow() const override { return {}; }
};

/// Bytes in which neither a shift nor a swap of blocks goes unseen.
inline Bytes pattern(std::size_t count, std::uint32_t seed = 1)
{
    Bytes bytes(count);
    std::uint32_t state = seed * 2654435761U + 1;
    for (std::byte& byte : bytes) {
        state = state * 1664525U + 1013904223U;
        byte = static_cast<std::byte>(state >> 24);
    }
    return bytes;
}

inline crypto::Secret secretOf(std::string_view hex)
{
    const Bytes bytes = fromHex(hex).value();
    return crypto::Secret(ByteView(bytes).first<crypto::Secret::kBytes>());
}

/// A secret whose octets all are `value`.
inline crypto::Secret secretOf(unsigned char value)
{
    std::array<std::byte, crypto::Secret::kBytes> bytes{};
    bytes.fill(std::byte{value});
    return crypto::Secret(bytes);
}

inline crypto::KeyRing ringOf(const crypto::Secret& archiveSecret)
{
    crypto::KeyRing ring;
    ring.add(crypto::KeyPurpose::Archive, crypto::KeyOrigin::Default, archiveSecret,
             StandingClock().utcNow());
    return ring;
}

/// Takes `good` octets, then the disk is full.
class FailSink final : public ByteSink {
public:
    explicit FailSink(std::uint64_t good)
        : m_left(good)
    {}
    Status write(ByteView bytes) override
    {
        ++writes;
        if (bytes.size() > m_left) {
            failed = true;
            return fail(BaseErrc::DiskFull, "test device");
        }
        m_left -= bytes.size();
        return {};
    }
    int writes = 0;
    bool failed = false;

private:
    std::uint64_t m_left;
};

/// Octets of memory of which those from `badFrom` on cannot be read.
class FailSource final : public ByteSource {
public:
    FailSource(ByteView bytes, std::uint64_t badFrom)
        : m_memory(bytes)
        , m_badFrom(badFrom)
    {}
    std::uint64_t size() const override { return m_memory.size(); }
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> out) override
    {
        if (std::min<std::uint64_t>(offset + out.size(), size()) > m_badFrom)
            return fail(BaseErrc::Io, "test device");
        return m_memory.readAt(offset, out);
    }

private:
    MemorySource m_memory;
    std::uint64_t m_badFrom;
};

} // namespace sr::test
