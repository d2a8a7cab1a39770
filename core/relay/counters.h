// SPDX-License-Identifier: GPL-3.0-or-later
// What one relay thread writes and any thread may read while it does.
#pragma once

#include "core/base/endpoint.h"

#include <array>
#include <atomic>
#include <cstdint>

namespace sr::relay {

/// One writer; cheaper than fetch_add(), which locks the bus for writers that do not exist.
class Counter {
public:
    void add(std::uint64_t count) noexcept
    {
        m_value.store(m_value.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    std::uint64_t value() const noexcept { return m_value.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> m_value{0};
};

/// An address that is read whole or read again. One writer, wait-free.
class PublishedEndpoint {
public:
    void store(const Endpoint& endpoint) noexcept
    {
        const std::uint32_t version = m_version.load(std::memory_order_relaxed);
        m_version.store(version + 1, std::memory_order_relaxed); // odd: being written
        // Each word releases: who reads one of them sees at least the odd version, and reads again.
        m_words[0].store(endpoint.address.half(0), std::memory_order_release);
        m_words[1].store(endpoint.address.half(8), std::memory_order_release);
        m_words[2].store(endpoint.port, std::memory_order_release);
        m_version.store(version + 2, std::memory_order_release);
    }
    Endpoint load() const noexcept
    {
        for (;;) {
            const std::uint32_t before = m_version.load(std::memory_order_acquire);
            std::array<std::uint64_t, 3> words{};
            for (std::size_t i = 0; i < words.size(); ++i)
                words[i] = m_words[i].load(std::memory_order_acquire);
            if (before % 2 != 0 || m_version.load(std::memory_order_relaxed) != before)
                continue;
            Endpoint out;
            std::memcpy(out.address.octets.data(), words.data(), out.address.octets.size());
            out.port = static_cast<std::uint16_t>(words[2]);
            return out;
        }
    }

private:
    std::atomic<std::uint32_t> m_version{0};
    std::array<std::atomic<std::uint64_t>, 3> m_words{};
};

} // namespace sr::relay
